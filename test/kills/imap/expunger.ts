/**
 * STORE +\Deleted and EXPUNGE: no other message ever goes. What was expunged may come back with a kill, until a later
 * commit of the account was durable: commits reach the disk in order.
 */
import type { ImapDialog } from '../../end-to-end/imap-dialog.ts';
import { append, list, occurrences, someOf, type Found, type KillClient } from './kill-client.ts';

export class Expunger implements KillClient {
  readonly folders: readonly string[];
  readonly #folder: string;
  readonly #random: () => number;
  readonly #digests: Map<string, string>;
  /**
   * - `sent`: its APPEND was not answered. `kept`: it was.
   * - `deleted`: marked, perhaps expunged. `expunged`: told so. `gone`: told so before something that is durable.
   */
  readonly #states = new Map<string, 'sent' | 'kept' | 'deleted' | 'expunged' | 'gone'>();
  readonly counts = { expunges: 0, expunged: 0 };

  constructor(options: { folder: string; random: () => number; digests: Map<string, string> }) {
    this.#folder = options.folder;
    this.folders = [options.folder];
    this.#random = options.random;
    this.#digests = options.digests;
  }

  async work(session: ImapDialog): Promise<void> {
    await this.#append(session);
    await this.#append(session);
    await session.ok(`SELECT "${this.#folder}"`);
    const here = (await list(session)).filter(({ id }) => this.#states.get(id) !== 'expunged');
    const deleting = someOf(here, this.#random, 4);
    if (deleting.length === 0) return;
    const uids = deleting.map(({ uid }) => uid).join(',');
    for (const { id } of deleting) this.#states.set(id, 'deleted');
    await session.ok(`UID STORE ${uids} +FLAGS.SILENT (\\Deleted)`);
    await session.ok(`UID EXPUNGE ${uids}`);
    for (const { id } of deleting) this.#states.set(id, 'expunged');
    this.counts.expunges += 1;
    this.counts.expunged += deleting.length;
    await this.#append(session);
    for (const { id } of deleting) this.#states.set(id, 'gone');
  }

  async #append(session: ImapDialog): Promise<void> {
    const { id } = await append(session, {
      folder: this.#folder,
      random: this.#random,
      sent: (message) => {
        this.#digests.set(message.id, message.digest);
        this.#states.set(message.id, 'sent');
      },
    });
    this.#states.set(id, 'kept');
  }

  wrong(found: ReadonlyMap<string, readonly Found[]>): readonly string[] {
    const counts = occurrences(found.get(this.#folder));
    const wrong: string[] = [];
    for (const [id, state] of this.#states) {
      const count = counts.get(id) ?? 0;
      if (count > 1) wrong.push(`${id} is there ${count} times`);
      if (count === 0 && state === 'kept') wrong.push(`${id} was never deleted and is gone`);
      if (count > 0 && state === 'gone') wrong.push(`${id} came back`);
    }
    return wrong;
  }
}
