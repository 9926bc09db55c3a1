/** MOVE, to and fro: each message is in one of the two folders, and after OK in the one it was moved to. */
import type { ImapDialog } from '../../end-to-end/imap-dialog.ts';
import { append, list, occurrences, someOf, type Found, type KillClient } from './kill-client.ts';

const wanted = 40;

export class Mover implements KillClient {
  readonly folders: readonly [string, string];
  readonly #random: () => number;
  readonly #digests: Map<string, string>;
  /** Where each message is: a folder, `moving` when the answer never came, `sent` while APPEND is not answered. */
  readonly #places = new Map<string, string>();
  readonly counts = { moves: 0, moved: 0 };

  constructor(options: {
    folders: readonly [string, string];
    random: () => number;
    digests: Map<string, string>;
  }) {
    this.folders = options.folders;
    this.#random = options.random;
    this.#digests = options.digests;
  }

  async work(session: ImapDialog): Promise<void> {
    if (this.#places.size < wanted) return this.#append(session);
    const [from, to] = this.#random() < 0.5 ? this.folders : this.folders.toReversed();
    await session.ok(`SELECT "${from}"`);
    const moving = someOf(await list(session), this.#random, 15);
    if (moving.length === 0) return undefined;
    for (const { id } of moving) this.#places.set(id, 'moving');
    await session.ok(`UID MOVE ${moving.map(({ uid }) => uid).join(',')} "${to}"`);
    for (const { id } of moving) this.#places.set(id, to ?? '');
    this.counts.moves += 1;
    this.counts.moved += moving.length;
    return undefined;
  }

  async #append(session: ImapDialog): Promise<void> {
    const [folder] = this.folders;
    const { id } = await append(session, {
      folder,
      random: this.#random,
      sent: (message) => {
        this.#digests.set(message.id, message.digest);
        this.#places.set(message.id, 'sent');
      },
    });
    this.#places.set(id, folder);
  }

  wrong(found: ReadonlyMap<string, readonly Found[]>): readonly string[] {
    const counts = this.folders.map((folder) => ({ folder, counts: occurrences(found.get(folder)) }));
    const wrong: string[] = [];
    for (const [id, place] of this.#places) {
      const there = counts.filter((each) => each.counts.has(id)).map(({ folder }) => folder);
      const count = counts.reduce((sum, each) => sum + (each.counts.get(id) ?? 0), 0);
      if (count > 1 || (count === 0 && place !== 'sent')) wrong.push(`${id} is in ${count} places`);
      else if (this.folders.some((folder) => folder === place) && there[0] !== place)
        wrong.push(`${id} was moved to ${place} and is in ${there[0]}`);
    }
    return wrong;
  }
}
