/**
 * Gets certificates, and renews them in time. One that cannot be got is tried again later and later, well below what
 * certificate authorities allow, and never takes the one that there is away.
 */
import {
  NamesNotProved,
  type CertificateAuthority,
  type CertificateStore,
  type Prover,
} from '../ports/certificates.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { whyDue } from './certificate-due.ts';

export interface WantedCertificate {
  /** Under which it is kept. */
  readonly name: string;
  /** All that it is for, the most important first. */
  readonly names: readonly string[];
}

export interface KeepCertificatesPorts {
  readonly authority: CertificateAuthority;
  readonly prover: Prover;
  readonly store: CertificateStore;
  /** A name that leads nowhere is not asked for: it would be refused, and refusals are counted. */
  readonly leadsHere: (name: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** After each failure in a row; the last goes on. */
const pausesMs = [10 * minuteMs, 60 * minuteMs, 6 * 60 * minuteMs, dayMs];
/** A name that could not be proved is left out for so long, so that the others get theirs. */
const leftOutMs = dayMs;

interface Failure {
  readonly times: number;
  readonly againAtMs: number;
}

export class CertificateKeeper {
  readonly #ports: KeepCertificatesPorts;
  readonly #failures = new Map<string, Failure>();
  /** Names that could not be proved, and until when they are left out. */
  readonly #leftOut = new Map<string, number>();

  constructor(ports: KeepCertificatesPorts) {
    this.#ports = ports;
  }

  /** Looks at each, and gets those that are due, one after the other. Answers the names of the new ones. Rejects only where the store does. */
  async keep(
    wanted: readonly WantedCertificate[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly string[]> {
    const renewed: string[] = [];
    for (const each of wanted) {
      if (signal?.aborted === true) break;
      if (await this.#keepOne(each)) renewed.push(each.name);
    }
    return renewed;
  }

  /** Which of them failed the last time. */
  failing(wanted: readonly WantedCertificate[]): readonly string[] {
    return wanted.map(({ name }) => name).filter((name) => this.#failures.has(name));
  }

  async #keepOne({ name, names }: WantedCertificate): Promise<boolean> {
    const { authority, prover, store, clock, log } = this.#ports;
    const failure = this.#failures.get(name);
    if (failure !== undefined && clock.now() < failure.againAtMs) return false;
    const possible = await this.#possible(names);
    if (possible.length === 0) return false;
    const because = whyDue(await store.read(name), { names: possible, nowMs: clock.now() });
    if (because === undefined) return false;
    log.info('certificate.ordered', { names: possible, because });
    try {
      const pair = await authority.order(possible, prover);
      await store.write(name, pair);
    } catch (fault) {
      this.#failed(name, fault);
      return false;
    }
    this.#failures.delete(name);
    log.info('certificate.kept', { names: possible });
    return true;
  }

  async #possible(names: readonly string[]): Promise<readonly string[]> {
    const { leadsHere, clock, log } = this.#ports;
    const possible: string[] = [];
    for (const name of names) {
      if (clock.now() < (this.#leftOut.get(name) ?? 0)) continue;
      if (await leadsHere(name)) {
        this.#leftOut.delete(name);
        possible.push(name);
      } else if (!this.#leftOut.has(name)) {
        this.#leftOut.set(name, 0);
        log.warn('certificate.nameLeftOut', { name, why: 'its DNS record does not lead here' });
      }
    }
    return possible;
  }

  #failed(name: string, fault: unknown): void {
    const { clock, log } = this.#ports;
    const unproved = fault instanceof NamesNotProved ? fault.names : [];
    for (const each of unproved) this.#leftOut.set(each, clock.now() + leftOutMs);
    const times = (this.#failures.get(name)?.times ?? 0) + 1;
    const pauseMs = pausesMs[Math.min(times, pausesMs.length) - 1] ?? dayMs;
    const againAtMs = clock.now() + pauseMs;
    this.#failures.set(name, { times, againAtMs });
    log.error('certificate.failed', fault, { name, again: new Date(againAtMs).toISOString() });
  }
}
