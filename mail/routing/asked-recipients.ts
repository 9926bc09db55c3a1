/** What RCPT heard of a recipient, for the end of the same message, so that the directory is not asked the same again. */
import type { EmailAddress } from '../message/address.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecipientDirectory, Resolution } from './directory-port.ts';

/** A message that takes longer to come may be for somebody who is no longer here. */
const goodForMs = 60_000;

interface Asked {
  readonly resolution: Resolution;
  readonly atMs: number;
}

/** By the address as RCPT had it, the object: it is forgotten with its transaction. */
export class AskedRecipients {
  readonly #directory: RecipientDirectory;
  readonly #clock: Clock;
  readonly #asked = new WeakMap<EmailAddress, Asked>();

  constructor({ directory, clock }: { readonly directory: RecipientDirectory; readonly clock: Clock }) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** As it is now. */
  async ask(address: EmailAddress): Promise<Resolution> {
    const resolution = await this.#directory.resolveRecipient(address);
    this.#asked.set(address, { resolution, atMs: this.#clock.now() });
    return resolution;
  }

  /** As it was within the last minute. */
  async recall(address: EmailAddress): Promise<Resolution> {
    const asked = this.#asked.get(address);
    const isGood = asked !== undefined && this.#clock.now() - asked.atMs < goodForMs;
    return isGood ? asked.resolution : this.ask(address);
  }
}
