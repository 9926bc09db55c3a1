/**
 * The bus: messages between the processes that share a data directory, over a Unix socket in it. Whoever binds first
 * is the hub, all others connect to it, and when it dies another takes its place. Messages may be lost, never
 * garbled, and each publisher's come in order. Nothing here keeps a process alive.
 */
import { randomBytes } from 'node:crypto';
import { chmod, link, rename, stat, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../mail/ports/log.ts';
import { decodeFrame, encodeFrame, LineCutter } from './bus-frames.ts';
import type { BusFrame } from './bus-frames.ts';
import { busFolder } from './bus-path.ts';

export interface Bus {
  /**
   * Tells every process that subscribed, this one first. Costs little where nobody else is, and never throws for a
   * message lost. Throws `RangeError` for one over 64 KB as JSON.
   */
  publish(topic: string, message: unknown): void;
  /** Resolves when this process hears all that any process publishes from then on. */
  subscribe(topic: string, listener: (message: unknown) => void): Promise<Disposable>;
  /**
   * Waits until what this process published is on its way, before a short-lived one ends: at most ten seconds, or one
   * where it has listened.
   */
  flush(): Promise<void>;
  /** Flushes, then leaves. */
  close(): Promise<void>;
}

export interface BusOptions {
  /** The data directory; it must be there. */
  readonly directory: string;
  readonly log: Log;
}

/** For a peer, waiting to be read: past that it is dropped, or the message is. */
const maxBufferedBytes = 1024 * 1024;
/** Between looks for a hub, when one died: spread, so that one of those who look is first. */
const pauseMs = () => 10 + Math.random() * 40;
/** How long a process that publishes but never listens leaves a hub that was not there alone. */
const noHubMs = 100;
const maxWaitMs = 1_000;
/** A hub that is there may be busy: what only publishes, such as a command, stays so long until it is heard. */
const busyHubMs = 10_000;
/** How soon, and then how often, a hub looks whether the socket is still its own. */
const firstCheckMs = 50;
const checkMs = 1_000;
/** The hub's first frame: it sends on what comes from now on. */
const hello = encodeFrame({ topic: 'hello', message: null });

/** Opens at once; whatever needs another process is done meanwhile. */
export async function openBus({ directory, log }: BusOptions): Promise<Bus> {
  return new SocketBus(join(await busFolder(directory), 'bus.sock'), log);
}

/** How this process is joined with the others. */
type Place =
  | { readonly kind: 'hub'; readonly server: Server; readonly peers: Set<Socket> }
  | { readonly kind: 'member'; readonly socket: Socket };

class SocketBus implements Bus {
  readonly #path: string;
  readonly #log: Log;
  readonly #listeners = new Map<string, Set<(message: unknown) => void>>();
  /** Published before there was a place to send it to. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #place: Place | undefined;
  #joining: Promise<void> | undefined;
  #noHubUntil = 0;
  /** Whether this process ever listened: only then may it be the hub, and looks for one that died. */
  #listens = false;
  #failed = false;
  #closed = false;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  publish(topic: string, message: unknown): void {
    if (this.#closed) return;
    const frame = encodeFrame({ topic, message });
    // Later, so that a listener that publishes is not within another's call; in order all the same.
    queueMicrotask(() => this.#deliver({ topic, message }));
    if (this.#place) return this.#send(frame);
    if (!this.#listens && performance.now() < this.#noHubUntil) return;
    if (this.#heldBytes + frame.length > maxBufferedBytes) return;
    this.#held.push(frame);
    this.#heldBytes += frame.length;
    void this.#join();
  }

  async subscribe(topic: string, listener: (message: unknown) => void): Promise<Disposable> {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners);
    // A wrapper: the same function may subscribe twice.
    const mine = (message: unknown) => listener(message);
    listeners.add(mine);
    this.#listens = true;
    await within(maxWaitMs, this.#joined());
    return { [Symbol.dispose]: () => void listeners.delete(mine) };
  }

  async flush(): Promise<void> {
    await within(this.#patienceMs, this.#flushed());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.flush();
    this.#closed = true;
    this.#listeners.clear();
    const place = this.#place;
    this.#place = undefined;
    if (place?.kind === 'member') place.socket.destroySoon();
    if (place?.kind === 'hub') this.#leave(place);
    await within(maxWaitMs, this.#joining ?? Promise.resolve());
  }

  #deliver({ topic, message }: BusFrame): void {
    for (const listener of this.#listeners.get(topic) ?? [])
      try {
        listener(message);
      } catch (fault) {
        this.#log.error('bus.listener.failed', fault, { topic });
      }
  }

  #send(frame: Buffer, from?: Socket): void {
    const place = this.#place;
    if (place?.kind === 'member' && place.socket.writableLength <= maxBufferedBytes)
      place.socket.write(frame);
    if (place?.kind !== 'hub') return;
    for (const peer of place.peers) {
      if (peer === from) continue;
      // It comes back when it reads again; what it missed, it may miss.
      if (peer.writableLength > maxBufferedBytes) peer.destroy();
      else peer.write(frame);
    }
  }

  /** A server's close is not held up by another that hangs; it looks for a hub again and again. */
  get #patienceMs(): number {
    return this.#listens ? maxWaitMs : busyHubMs;
  }

  async #flushed(): Promise<void> {
    await this.#joining;
    const place = this.#place;
    const sockets = place?.kind === 'hub' ? [...place.peers] : place ? [place.socket] : [];
    await Promise.all(sockets.map(drained));
  }

  async #joined(): Promise<void> {
    while (!this.#place && !this.#closed) await this.#join();
  }

  #join(): Promise<void> {
    if (this.#place || this.#closed) return Promise.resolve();
    this.#joining ??= this.#look()
      .catch((fault: unknown) => this.#afterFault(fault))
      .finally(() => {
        this.#joining = undefined;
      });
    return this.#joining;
  }

  /** One look: connects to a hub; where there is none, becomes it, if this process listens. */
  async #look(): Promise<void> {
    const found = await identityAt(this.#path);
    const socket = await connected(this.#path);
    const place = socket
      ? await this.#asMember(socket)
      : this.#listens
        ? await this.#asHub(found)
        : undefined;
    if (place && this.#closed) return place.kind === 'hub' ? this.#leave(place) : place.socket.destroySoon();
    this.#place = place;
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    if (place) for (const frame of held) this.#send(frame);
    else if (this.#listens) await pause(pauseMs(), undefined, { ref: false });
    else this.#noHubUntil = performance.now() + noHubMs;
  }

  /** Tries again after a while; says so once. */
  async #afterFault(fault: unknown): Promise<void> {
    if (!this.#failed) this.#log.error('bus.failed', fault);
    this.#failed = true;
    await pause(maxWaitMs, undefined, { ref: false });
  }

  async #asMember(socket: Socket): Promise<Place | undefined> {
    const greeted = Promise.withResolvers<boolean>();
    let isFirst = true;
    const place: Place = { kind: 'member', socket };
    this.#receive(socket, (frame) => {
      if (!isFirst) return this.#deliver(frame);
      isFirst = false;
      greeted.resolve(true);
    });
    socket.on('close', () => {
      greeted.resolve(false);
      if (this.#place === place) this.#lost();
    });
    if ((await within(this.#patienceMs, greeted.promise)) === true) return place;
    socket.destroy();
    return undefined;
  }

  async #asHub(stale: string | undefined): Promise<Place | undefined> {
    const peers = new Set<Socket>();
    const server = createServer((peer) => {
      peer.unref();
      peers.add(peer);
      peer.write(hello);
      peer.on('close', () => peers.delete(peer));
      this.#receive(peer, (frame) => {
        this.#deliver(frame);
        this.#send(encodeFrame(frame), peer);
      });
    });
    const place: Place = { kind: 'hub', server, peers };
    const identity = await listenAt(server, this.#path, stale);
    if (identity === undefined) return undefined;
    void this.#watch(place, identity);
    return place;
  }

  /** Somebody may remove the socket, or take it away for an instant: who has lost it must see that. */
  async #watch(place: Place, identity: string): Promise<void> {
    for (let ms = firstCheckMs; ; ms = checkMs) {
      await pause(ms, undefined, { ref: false });
      if (this.#closed || (this.#place && this.#place !== place)) return;
      if ((await identityAt(this.#path)) === identity) continue;
      if (place.kind === 'hub') this.#leave(place);
      if (this.#place === place) this.#lost();
      return;
    }
  }

  /** The hub is gone: who listens looks for another, who does not waits until there is something to say. */
  #lost(): void {
    this.#place = undefined;
    if (!this.#closed && this.#listens) void this.#rejoin();
  }

  async #rejoin(): Promise<void> {
    await pause(pauseMs(), undefined, { ref: false });
    await this.#joined();
  }

  #receive(socket: Socket, take: (frame: BusFrame) => void): void {
    const lines = new LineCutter();
    socket.unref();
    // A peer that died is told by 'close'.
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      for (const line of lines.cut(bytes) ?? [undefined]) {
        const frame = line && decodeFrame(line);
        if (frame) take(frame);
        else {
          this.#log.warn('bus.garbled', { bytes: bytes.length });
          socket.destroy();
          return;
        }
      }
    });
  }

  /** Sends what is written, then gives up the place. */
  #leave({ server, peers }: Extract<Place, { kind: 'hub' }>): void {
    server.close();
    for (const peer of peers) peer.destroySoon();
  }
}

/** Undefined where nobody listens. */
async function connected(path: string): Promise<Socket | undefined> {
  const socket = connect(path);
  socket.unref();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  if ((await within(maxWaitMs, promise)) === true) return socket;
  socket.destroy();
  return undefined;
}

/**
 * Listens under a name of its own, then gives it the path, unless somebody has it who was not there at the last look.
 * What tells this socket from any other; undefined where another was first.
 */
async function listenAt(
  server: Server,
  path: string,
  stale: string | undefined,
): Promise<string | undefined> {
  const own = nameBeside(path);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ path: own }, resolve);
  server.unref();
  await promise;
  server.on('error', () => undefined);
  try {
    await chmod(own, 0o600);
    if (stale !== undefined) await removeStale(path, stale);
    await link(own, path);
    return await identityAt(own);
  } catch (fault) {
    server.close();
    if (hasCode(fault, 'EEXIST')) return undefined;
    throw fault;
  } finally {
    await unlink(own).catch(() => undefined);
  }
}

/** Another may have put its own there since: what was taken away by mistake is put back. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = nameBeside(path);
  try {
    await rename(path, aside);
  } catch (fault) {
    if (hasCode(fault, 'ENOENT')) return;
    throw fault;
  }
  if ((await identityAt(aside)) !== stale) await link(aside, path).catch(() => undefined);
  await unlink(aside);
}

function nameBeside(path: string): string {
  return `${path.slice(0, -'.sock'.length)}-${randomBytes(4).toString('hex')}`;
}

function hasCode(fault: unknown, code: string): boolean {
  return fault instanceof Error && 'code' in fault && fault.code === code;
}

/** Which socket has that path: an inode's number alone may soon be another's. Undefined where there is none. */
async function identityAt(path: string): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(
    ({ ino, mtimeNs }) => `${ino}/${mtimeNs}`,
    () => undefined,
  );
}

/** When the system has taken all that was written, so that it arrives though this process ends. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) return resolve();
    socket.once('close', () => resolve());
    socket.write('', () => resolve());
  });
}

/** Undefined when the time is over first. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  const over = pause(ms, undefined, { signal: stop.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, over]);
  } finally {
    stop.abort();
  }
}
