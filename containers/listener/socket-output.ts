/** What is written to a client: few segments, pushing back when the client is slow, and given up when it stands still. */
import type { Socket } from 'node:net';
import { ConnectionEnded } from '../../mail/wire/engine.ts';
import type { ListenerLimits } from './limits.ts';

/** Why output gives a connection up. */
export type OutputFailure = 'slowClient' | 'outputOverflow';

interface Waiter {
  /** Waits until at most this many bytes are on their way. */
  readonly until: number;
  readonly resolve: () => void;
  readonly reject: (reason: ConnectionEnded) => void;
}

export class SocketOutput {
  #socket: Socket;
  readonly #limits: ListenerLimits;
  readonly #fail: (why: OutputFailure) => void;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Given to the socket and not yet taken by the system. */
  #onTheWay = 0;
  #bytes = 0;
  #holding = false;
  #over = false;
  #waiters: Waiter[] = [];
  #corkTimer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #slowTimer: NodeJS.Timeout | undefined;

  /** `fail` is called at most once and must end the connection. */
  constructor(socket: Socket, limits: ListenerLimits, fail: (why: OutputFailure) => void) {
    this.#socket = socket;
    this.#limits = limits;
    this.#fail = fail;
  }

  /** Octets given to the socket so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From here on what is written waits for `release`, for so much that it must leave, or for `corkMs`. */
  hold(): void {
    this.#holding = true;
  }

  release(): void {
    this.#holding = false;
    this.flush();
  }

  write(bytes: Uint8Array): void {
    if (this.#over || bytes.length === 0) return;
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= this.#limits.outputHighWaterBytes) this.flush();
    else if (this.#holding) this.#corkTimer ??= setTimeout(() => this.flush(), this.#limits.corkMs);
    else this.#turn ??= setImmediate(() => this.flush());
  }

  flush(): void {
    clearTimeout(this.#corkTimer);
    clearImmediate(this.#turn);
    this.#corkTimer = this.#turn = undefined;
    if (this.#over || this.#heldBytes === 0) return;
    const [first, ...more] = this.#held;
    const bytes = first !== undefined && more.length === 0 ? first : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#onTheWay += bytes.length;
    this.#bytes += bytes.length;
    this.#socket.write(bytes, () => this.#taken(bytes.length));
    if (this.#onTheWay > this.#limits.maxOutputBytes) this.#giveUp('outputOverflow');
    // What the system has taken at once is told of later, and is not to be waited for.
    else if (this.#socket.writableLength > 0) this.#watch();
  }

  /** Flushes, and resolves when at most `until` bytes wait; rejects with `ConnectionEnded`. */
  drained(until = this.#limits.outputHighWaterBytes): Promise<void> {
    this.flush();
    if (this.#over) return Promise.reject(new ConnectionEnded());
    if (this.#onTheWay <= until) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ until, resolve, reject });
    });
  }

  /** Goes on with another socket: the same connection, secured. Nothing may be on its way. */
  use(socket: Socket): void {
    this.#socket = socket;
  }

  /** Sends what is held, then the end; `sent` is called when the system has it all. */
  end(sent: () => void): void {
    this.flush();
    this.#over = true;
    this.#socket.end(sent);
    this.#rejectWaiters();
  }

  /** The connection is gone. */
  close(): void {
    this.#over = true;
    clearTimeout(this.#corkTimer);
    clearImmediate(this.#turn);
    clearTimeout(this.#slowTimer);
    this.#held = [];
    this.#rejectWaiters();
  }

  #taken(bytes: number): void {
    this.#onTheWay -= bytes;
    if (this.#onTheWay > 0 && !this.#socket.destroyed) this.#watch();
    else clearTimeout(this.#slowTimer);
    const ready = this.#waiters.filter(({ until }) => this.#onTheWay <= until);
    this.#waiters = this.#waiters.filter(({ until }) => this.#onTheWay > until);
    for (const { resolve } of ready) resolve();
  }

  /** From now on the client has this long to take something. */
  #watch(): void {
    clearTimeout(this.#slowTimer);
    this.#slowTimer = setTimeout(() => this.#giveUp('slowClient'), this.#limits.slowClientTimeoutMs);
  }

  #giveUp(why: OutputFailure): void {
    if (this.#socket.destroyed) return;
    this.close();
    this.#fail(why);
  }

  #rejectWaiters(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(new ConnectionEnded());
  }
}
