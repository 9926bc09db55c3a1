/** COPY, each message once: after OK all are in both folders, without it all or none; never twice. */
import type { ImapDialog } from '../../end-to-end/imap-dialog.ts';
import { append, list, occurrences, someOf, type Found, type KillClient } from './kill-client.ts';

export class Copier implements KillClient {
  readonly folders: readonly [string, string];
  readonly #random: () => number;
  readonly #digests: Map<string, string>;
  /** Whether the source's APPEND was answered. */
  readonly #sources = new Map<string, boolean>();
  readonly #copies: { readonly ids: readonly string[]; acknowledged: boolean }[] = [];

  constructor(options: {
    folders: readonly [string, string];
    random: () => number;
    digests: Map<string, string>;
  }) {
    this.folders = options.folders;
    this.#random = options.random;
    this.#digests = options.digests;
  }

  get counts(): Record<string, number> {
    const acknowledged = this.#copies.filter((copy) => copy.acknowledged);
    return {
      copies: acknowledged.length,
      copied: acknowledged.reduce((sum, { ids }) => sum + ids.length, 0),
    };
  }

  /** Some new messages, then a copy of some that were never copied. */
  async work(session: ImapDialog): Promise<void> {
    const [source, target] = this.folders;
    for (let number = 0; number < 4; number++) {
      const { id } = await append(session, {
        folder: source,
        random: this.#random,
        sent: (message) => {
          this.#digests.set(message.id, message.digest);
          this.#sources.set(message.id, false);
        },
      });
      this.#sources.set(id, true);
    }
    await session.ok(`SELECT "${source}"`);
    const tried = new Set(this.#copies.flatMap(({ ids }) => ids));
    const fresh = (await list(session)).filter(({ id }) => !tried.has(id));
    const copying = someOf(fresh, this.#random, 8);
    if (copying.length === 0) return;
    const copy = { ids: copying.map(({ id }) => id), acknowledged: false };
    this.#copies.push(copy);
    await session.ok(`UID COPY ${copying.map(({ uid }) => uid).join(',')} "${target}"`);
    copy.acknowledged = true;
  }

  wrong(found: ReadonlyMap<string, readonly Found[]>): readonly string[] {
    const [sources, copies] = this.folders.map((folder) => occurrences(found.get(folder)));
    const wrong: string[] = [];
    for (const [id, acknowledged] of this.#sources) {
      const count = sources?.get(id) ?? 0;
      if (count > 1 || (acknowledged && count === 0)) wrong.push(`the source ${id} is there ${count} times`);
    }
    for (const { ids, acknowledged } of this.#copies) {
      const counts = new Set(ids.map((id) => copies?.get(id) ?? 0));
      const whole = counts.size === 1 && (counts.has(1) || (!acknowledged && counts.has(0)));
      if (!whole) wrong.push(`a copy of ${ids.join(' ')} is there ${[...counts].join(' and ')} times`);
    }
    return wrong;
  }
}
