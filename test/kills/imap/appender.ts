/** APPEND: what was answered OK is there once, under the uid that was named; what was not is there once at most. */
import type { ImapDialog } from '../../end-to-end/imap-dialog.ts';
import { append, occurrences, type Found, type KillClient } from './kill-client.ts';

export class Appender implements KillClient {
  readonly folders: readonly string[];
  readonly #folder: string;
  readonly #random: () => number;
  readonly #digests: Map<string, string>;
  /** The uid of each message, once it is known. */
  readonly #sent = new Map<string, number | undefined>();

  constructor(options: { folder: string; random: () => number; digests: Map<string, string> }) {
    this.#folder = options.folder;
    this.folders = [options.folder];
    this.#random = options.random;
    this.#digests = options.digests;
  }

  get counts(): Record<string, number> {
    return { appended: [...this.#sent.values()].filter((uid) => uid !== undefined).length };
  }

  async work(session: ImapDialog): Promise<void> {
    const { id, uid } = await append(session, {
      folder: this.#folder,
      random: this.#random,
      sent: (message) => {
        this.#digests.set(message.id, message.digest);
        this.#sent.set(message.id, undefined);
      },
    });
    this.#sent.set(id, uid);
  }

  wrong(found: ReadonlyMap<string, readonly Found[]>): readonly string[] {
    const here = found.get(this.#folder) ?? [];
    const counts = occurrences(here);
    const uids = new Map(here.map(({ id, uid }) => [id, uid]));
    const wrong: string[] = [];
    for (const [id, uid] of this.#sent) {
      const count = counts.get(id) ?? 0;
      if (count > 1) wrong.push(`${id} was appended ${count} times`);
      if (uid === undefined) continue;
      if (count === 0) wrong.push(`${id} was appended and is lost`);
      else if (uids.get(id) !== uid) wrong.push(`${id} has uid ${uids.get(id)}, not ${uid}`);
    }
    for (const { id } of here) if (!this.#sent.has(id)) wrong.push(`${id} is in the wrong folder`);
    return wrong;
  }
}
