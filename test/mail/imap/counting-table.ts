/** A table that knows how many calls are under way. */
import type { Table } from '../../../mail/ports/table.ts';

export type TableMethod = 'get' | 'getMany' | 'query' | 'commit';

/** A table that knows how many calls are under way, and how many reads there were; and that waits where a test says so. */
export class CountingTable implements Table {
  pending = 0;
  reads = 0;
  /** Awaited by each call before it is made; may throw. */
  before: (method: TableMethod) => void | Promise<void> = () => undefined;
  /** The same when its answer is there, and not yet given. */
  after: (method: TableMethod) => void | Promise<void> = () => undefined;
  readonly #inner: Table;

  constructor(inner: Table) {
    this.#inner = inner;
  }

  get limits(): Table['limits'] {
    return this.#inner.limits;
  }

  get(...args: Parameters<Table['get']>) {
    this.reads += 1;
    return this.#counted('get', () => this.#inner.get(...args));
  }

  getMany(...args: Parameters<Table['getMany']>) {
    this.reads += 1;
    return this.#counted('getMany', () => this.#inner.getMany(...args));
  }

  query(...args: Parameters<Table['query']>) {
    this.reads += 1;
    return this.#counted('query', () => this.#inner.query(...args));
  }

  commit(...args: Parameters<Table['commit']>) {
    return this.#counted('commit', () => this.#inner.commit(...args));
  }

  async #counted<Result>(method: TableMethod, call: () => Promise<Result>): Promise<Result> {
    this.pending += 1;
    try {
      await this.before(method);
      const result = await call();
      await this.after(method);
      return result;
    } finally {
      this.pending -= 1;
    }
  }
}
