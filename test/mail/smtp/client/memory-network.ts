/** A network in memory: servers' engines at addresses and ports, and places where nobody is. */
import type { Clock } from '../../../../mail/ports/clock.ts';
import {
  ConnectionFailed,
  type ConnectTarget,
  type Connector,
  type OutboundConnection,
} from '../../../../mail/ports/connector.ts';
import { EngineConnection, type EngineServer } from './engine-connection.ts';

export class MemoryNetwork implements Connector {
  readonly #clock: Clock;
  readonly #servers = new Map<string, EngineServer>();
  readonly #away = new Map<string, ConnectionFailed['kind']>();
  readonly #open = new Set<EngineConnection>();
  /** Every connection that was asked for, as `address:port`. */
  readonly asked: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on the server is there. */
  serve(server: EngineServer): void {
    this.#servers.set(placeOf(server), server);
  }

  /** From now on nobody is there; connections that stand go on. */
  remove(address: string, port: number, kind: ConnectionFailed['kind'] = 'refused'): void {
    this.#servers.delete(placeOf({ address, port }));
    this.#away.set(placeOf({ address, port }), kind);
  }

  /** Ends all connections from the servers' side. */
  async stopAll(): Promise<void> {
    for (const connection of this.#open) connection.leave('shutdown');
    this.#open.clear();
  }

  async connect(target: ConnectTarget): Promise<OutboundConnection> {
    const place = placeOf(target);
    this.asked.push(place);
    const server = this.#servers.get(place);
    if (server === undefined) throw await this.#failure(place, target.timeoutMs);
    const connection = EngineConnection.open(server, {
      clock: this.#clock,
      id: `c${this.asked.length}`,
      ...(target.implicitTls === undefined ? {} : { tls: target.implicitTls }),
    });
    this.#open.add(connection);
    if (target.signal?.aborted) connection.close();
    target.signal?.addEventListener('abort', () => connection.close(), { once: true });
    return connection;
  }

  async #failure(place: string, timeoutMs: number): Promise<ConnectionFailed> {
    const kind = this.#away.get(place) ?? 'refused';
    if (kind === 'timeout') await this.#clock.sleep(timeoutMs);
    return new ConnectionFailed(kind, `${place}: ${kind}`);
  }
}

function placeOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address}:${port}`;
}
