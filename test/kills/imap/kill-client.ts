/** An IMAP client that works while the server is killed, remembers what it was told, and says what must now be so. */
import assert from 'node:assert/strict';
import type { ImapDialog } from '../../end-to-end/imap-dialog.ts';
import { newMessage, recognize, type KillMessage } from '../kill-message.ts';

/** A message that is in a folder after the last restart. */
export interface Found {
  readonly uid: number;
  readonly id: string;
}

export interface KillClient {
  /** Its own: no other client touches them. */
  readonly folders: readonly string[];
  /** One piece of work. Rejects when the connection ends, or the server answers anything but what it must. */
  work(session: ImapDialog): Promise<void>;
  /** What is wrong with what is there, in words; `found` has each of `folders`. */
  wrong(found: ReadonlyMap<string, readonly Found[]>): readonly string[];
  /** What it did, for the log. */
  readonly counts: Readonly<Record<string, number>>;
}

/** APPENDs a new message; `sent` is called before its last octet leaves. The uid that OK named. */
export async function append(
  session: ImapDialog,
  options: {
    readonly folder: string;
    readonly random: () => number;
    readonly sent: (message: KillMessage) => void;
  },
): Promise<{ readonly id: string; readonly uid: number }> {
  const message = newMessage(options.random);
  options.sent(message);
  const { tagged } = await session.append(`"${options.folder}"`, message.bytes);
  const uid = /^OK \[APPENDUID \d+ (\d+)\]/.exec(tagged)?.[1];
  if (uid === undefined) throw new Error(`APPEND: ${tagged}`);
  return { id: message.id, uid: Number(uid) };
}

/** The messages of the selected folder, in its order. */
export async function list(session: ImapDialog): Promise<Found[]> {
  const { untagged } = await session.ok('UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (X-Kill-Test)])');
  return untagged.flatMap(({ text, literals: [header] }) =>
    header === undefined ? [] : { uid: Number(/UID (\d+)/.exec(text)?.[1]), id: recognize(header)?.id ?? '' },
  );
}

/** As `list`, having read each one whole: `digests` says what was sent. */
export async function look(session: ImapDialog, digests: ReadonlyMap<string, string>): Promise<Found[]> {
  const messages = await session.messages();
  return messages.map(({ uid, message }) => {
    const known = recognize(message);
    assert.equal(
      known?.digest,
      known && digests.get(known.id),
      `${known?.id ?? 'a message'} came back changed`,
    );
    return { uid, id: known?.id ?? '' };
  });
}

/** How often each id is in a folder. */
export function occurrences(found: readonly Found[] | undefined): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { id } of found ?? []) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** Some of `things`, at least one where there is one. */
export function someOf<Thing>(things: readonly Thing[], random: () => number, most: number): Thing[] {
  const from = Math.floor(random() * things.length);
  return things.slice(from, from + 1 + Math.floor(random() * most));
}
