/** Counts what is open, so that neither one client nor all together take more than their share. */
import { clientNetwork } from './ip-address.ts';
import type { ListenerLimits } from './limits.ts';

export class ConnectionCaps {
  readonly #limits: ListenerLimits;
  readonly #byClient = new Map<string, number>();
  #open = 0;

  constructor(limits: ListenerLimits) {
    this.#limits = limits;
  }

  get open(): number {
    return this.#open;
  }

  /** Counts one more; false, and nothing is counted, when that is too many. */
  enter(): boolean {
    if (this.#open >= this.#limits.maxConnections) return false;
    this.#open += 1;
    return true;
  }

  leave(): void {
    this.#open -= 1;
  }

  /** Counts one more of the client with this canonical address; false when it has too many. */
  enterClient(address: string): boolean {
    const client = clientNetwork(address);
    const open = this.#byClient.get(client) ?? 0;
    if (open >= this.#limits.maxConnectionsPerClient) return false;
    this.#byClient.set(client, open + 1);
    return true;
  }

  leaveClient(address: string): void {
    const client = clientNetwork(address);
    const open = (this.#byClient.get(client) ?? 0) - 1;
    if (open > 0) this.#byClient.set(client, open);
    else this.#byClient.delete(client);
  }
}
