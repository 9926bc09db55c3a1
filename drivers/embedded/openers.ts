/**
 * Which processes have the store open, written in the store itself: one that is still named there after another boot
 * of the machine did not close it, so what it had not flushed may be lost.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Environment, Records } from './environment.ts';
import { isRunning, thisProcess } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Names the machine's boot. Where the system does not, each process's own: an unclean stop then counts as a boot. */
export function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return randomUUID();
  }
}

interface Opener extends ProcessIdentity {
  readonly bootId: string;
}

/** This process among those that have the store open. */
export class Openers {
  readonly #environment: Environment;
  readonly #records: Records;
  readonly #bootId: string;
  readonly #key = Buffer.from(randomUUID());

  constructor(environment: Environment, bootId: string) {
    this.#environment = environment;
    this.#records = environment.records('openers');
    this.#bootId = bootId;
  }

  /**
   * Adds this one and takes out those that are gone. Within a transaction. True when a store that another boot left
   * open is opened by the first of this one.
   */
  enter(): boolean {
    const { codec } = this.#environment;
    let unclean = false;
    let shared = false;
    for (const { key, value } of [...this.#records.getRange({ start: Buffer.alloc(1) })]) {
      const opener = codec.decode(value) as unknown as Opener;
      if (isRunning(opener)) {
        shared = true;
        continue;
      }
      if (opener.bootId !== this.#bootId) unclean = true;
      void this.#records.remove(key);
    }
    const { pid, started } = thisProcess();
    void this.#records.put(this.#key, codec.encode({ pid, started, bootId: this.#bootId }));
    return unclean && !shared;
  }

  /** Takes this one out. Within the last transaction. */
  leave(): void {
    void this.#records.remove(this.#key);
  }
}
