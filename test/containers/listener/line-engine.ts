/** A protocol small enough to see through: one line, one answer. It shows what the runtime does, and nothing else. */
import type {
  Connection,
  Engine,
  EngineFactory,
  LeaveReason,
  LoggedIn,
  Output,
  TlsSession,
} from '../../../mail/wire/engine.ts';
import { LineReader } from '../../../mail/wire/line-reader.ts';

/** What happened to one engine, in order. */
export interface Seen {
  readonly connection: Connection;
  readonly events: string[];
  /** 64 KB pieces written for BIG. */
  pieces: number;
  /** Lets WAIT go on. */
  readonly gate: PromiseWithResolvers<void>;
}

/** Makes engines, and keeps what each has seen. */
export function lineEngines(): { readonly engine: EngineFactory; readonly seen: Seen[] } {
  const seen: Seen[] = [];
  return {
    seen,
    engine: (connection, output) => {
      const own = { connection, events: [], pieces: 0, gate: Promise.withResolvers<void>() };
      seen.push(own);
      return new LineEngine(own, output);
    },
  };
}

class LineEngine implements Engine {
  principal: LoggedIn | undefined;
  readonly #seen: Seen;
  readonly #output: Output;
  readonly #lines = new LineReader({ maxOctets: 1000, lineEnd: 'crlf' });
  #calls = 0;
  #holdsOn = false;

  constructor(seen: Seen, output: Output) {
    this.#seen = seen;
    this.#output = output;
  }

  async start(tls: TlsSession | undefined): Promise<void> {
    this.#seen.events.push(`start ${tls?.version ?? 'clear'}`);
    this.#output.write('hello\r\n');
    return Promise.resolve();
  }

  async receive(bytes: Uint8Array): Promise<void> {
    if (++this.#calls > 1) this.#seen.events.push('overlap');
    this.#lines.push(bytes);
    try {
      for (let next = this.#lines.read(); next !== undefined; next = this.#lines.read())
        await this.#command(next.kind === 'line' ? next.line.toString() : next.kind);
    } finally {
      this.#calls -= 1;
    }
  }

  idle(): void {
    this.#seen.events.push('idle');
    this.#output.write('bye idle\r\n');
  }

  leave(reason: LeaveReason): void {
    this.#seen.events.push(this.#calls > 0 ? 'leave during a call' : `leave ${reason}`);
    if (this.#holdsOn) {
      this.#holdsOn = false;
      return;
    }
    this.#output.write(`bye ${reason}\r\n`);
    this.#output.end();
  }

  closed(): Promise<void> {
    this.#seen.events.push('closed');
    return Promise.resolve();
  }

  /** HOLD: has something to finish, and leaves only when it is asked a second time. */
  async #command(line: string): Promise<void> {
    const [verb = '', argument = ''] = line.split(' ');
    this.#seen.events.push(verb);
    switch (verb) {
      case 'LOGIN':
        this.principal = {
          accountId: argument,
          passwordSince: '2026-01-01T00:00:00.000Z',
        };
        this.#output.write('ok\r\n');
        break;
      case 'STARTTLS':
        await this.#startTls();
        break;
      case 'HOLD':
        this.#holdsOn = true;
        this.#output.write('holding on\r\n');
        break;
      case 'WAIT':
        this.#output.write('waiting\r\n');
        await this.#seen.gate.promise;
        this.#output.write('waited\r\n');
        break;
      case 'PAUSE':
        await new Promise((resolve) => setTimeout(resolve, Number(argument)));
        this.#output.write('paused\r\n');
        break;
      case 'BIG':
        for (let piece = 0; piece < Number(argument); piece++) {
          this.#output.write(Buffer.alloc(64 * 1024, `${'x'.repeat(1022)}\r\n`));
          this.#seen.pieces += 1;
          await this.#output.ready();
        }
        break;
      case 'FLOOD':
        for (let piece = 0; piece < Number(argument); piece++) this.#output.write(Buffer.alloc(64 * 1024));
        break;
      case 'LATER':
        setTimeout(() => this.#output.write('later\r\n'), Number(argument));
        break;
      case 'PATIENCE':
        this.#output.setIdleTimeout(Number(argument));
        break;
      case 'THROW':
        throw new Error('as asked');
      case 'QUIT':
        this.#output.write('bye\r\n');
        this.#output.end();
        this.#output.write('never seen');
        break;
      default:
        this.#output.write(`echo ${line}\r\n`);
    }
  }

  async #startTls(): Promise<void> {
    this.#output.write('go ahead\r\n');
    const tls = await this.#output.startTls();
    // The runtime answers for its own buffer, the engine for what it was already given.
    this.#lines.clear();
    this.#seen.events.push(`secured ${tls.version} ${tls.serverName ?? '-'}`);
  }
}
