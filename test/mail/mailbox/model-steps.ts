/** Random steps: each does one operation in a store and in the model, and compares how both answer. */
import assert from 'node:assert/strict';
import type { Flags } from '../../../mail/mailbox/flags.ts';
import type { AccountMail, NewMessage } from '../../../mail/mailbox/mail-store.ts';
import type { CopyOutcome } from '../../../mail/mailbox/outcome.ts';
import type { MailboxId, ModSeq, Uid } from '../../../mail/mailbox/types.ts';
import type { AccountModel, ModelMailbox, ModelNew } from './account-model.ts';
import { uidOf } from './mail-kit.ts';
import { storedMessage } from './sweep-kit.ts';
import type { SweepKit } from './sweep-kit.ts';

/** What the steps work on. */
export interface Walk {
  readonly kit: SweepKit;
  readonly model: AccountModel;
  readonly integer: (below: number) => number;
  /** The same account in each of the processes. */
  readonly processes: readonly AccountMail[];
  /** How many messages were made. */
  made: number;
  lastRev: number;
}

const folderNames = ['A', 'B', 'A/x', 'A/y', 'B/z', 'A/x/deep', 'C', 'INBOX/sub', 'Junk', 'Archive'];

export function pick<Thing>({ integer }: Walk, things: readonly Thing[]): Thing {
  const thing = things[integer(things.length)];
  assert.ok(thing !== undefined);
  return thing;
}

function randomFlags(walk: Walk): Flags {
  const spellings = ['alpha', 'Alpha', 'beta', 'BETA', 'gamma', '$Forwarded', '$forwarded'];
  const keywords = [pick(walk, spellings), pick(walk, spellings)].slice(0, walk.integer(3));
  const distinct = keywords.filter(
    (keyword, at) => !keywords.slice(0, at).some((other) => other.toLowerCase() === keyword.toLowerCase()),
  );
  return { system: walk.integer(32), keywords: distinct };
}

/** Sometimes, unless it must be new, one that was there before, or still is. */
function randomMessage(walk: Walk, mustBeNew = false): ModelNew {
  const again = !mustBeNew && walk.made > 0 && walk.integer(12) === 0;
  const number = again ? walk.integer(walk.made) : walk.made++;
  return { id: `m${number}`, size: 10 + number, flags: randomFlags(walk) };
}

function stored(walk: Walk, { id, size, flags }: ModelNew): NewMessage {
  return storedMessage(walk.kit, id, { size, flags });
}

/** Mostly uids that are or were there. */
function randomUids(walk: Walk, mailbox: ModelMailbox): readonly Uid[] {
  const few = walk.integer(20) === 0 ? mailbox.uids.length : 1 + walk.integer(5);
  const there = mailbox.uids;
  const uids = Array.from({ length: few }, () =>
    there.length > 0 && walk.integer(5) > 0 ? pick(walk, there) : 1 + walk.integer(mailbox.uidNext + 1),
  );
  return uids.map(uidOf);
}

function idOf(mailbox: ModelMailbox): MailboxId {
  assert.ok(mailbox.id);
  return mailbox.id;
}

const numbers = (uids: readonly Uid[]) => uids.map(Number);

async function append(walk: Walk, mail: AccountMail): Promise<void> {
  const mailbox = pick(walk, walk.model.live);
  // More than a transaction takes. One that is refused in a later part leaves uids unused, which no model foretells.
  const cut = walk.integer(25) === 0;
  const messages = Array.from({ length: cut ? 60 : 1 + walk.integer(4) }, () => randomMessage(walk, cut));
  const expected = walk.model.append(mailbox, messages);
  const outcome = await mail.append({
    mailbox: idOf(mailbox),
    messages: messages.map((message) => stored(walk, message)),
  });
  assert.deepEqual(outcome.kind === 'appended' ? numbers(outcome.uids) : outcome.kind, expected);
}

async function deliver(walk: Walk, mail: AccountMail): Promise<void> {
  const messages = Array.from({ length: 1 + walk.integer(4) }, () => randomMessage(walk));
  const folders = messages.map(() => pick(walk, ['INBOX', ...folderNames]));
  const expected = messages.map((message, at) => walk.model.deliver(folders[at] ?? '', message));
  const outcomes = await mail.deliver(
    messages.map((message, at) => ({ ...stored(walk, message), folder: folders[at] ?? '' })),
  );
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.kind === 'delivered' ? [outcome.mailbox, outcome.uid] : outcome.kind)),
    expected.map((end) => (typeof end === 'string' ? end : [idOf(end.mailbox), end.uid])),
  );
}

/** All processes at once; whose message came first is theirs to settle. */
async function deliverAtOnce(walk: Walk): Promise<void> {
  const { model, processes } = walk;
  if (model.quotaBytes !== undefined) return;
  const messages = processes.flatMap((mail) => {
    return [0, 1].map(() => ({
      mail,
      message: { id: `m${walk.made++}`, size: 5, flags: { system: 0, keywords: [] } },
    }));
  });
  const ends = await Promise.all(
    messages.map(async ({ mail, message }) => {
      const [outcome] = await mail.deliver([stored(walk, message)]);
      assert.ok(outcome?.kind === 'delivered');
      return { uid: outcome.uid, message };
    }),
  );
  for (const { uid, message } of ends.toSorted((one, other) => one.uid - other.uid)) {
    const end = model.deliver('INBOX', message);
    assert.equal(typeof end === 'string' ? end : end.uid, uid);
  }
}

async function storeFlags(walk: Walk, mail: AccountMail): Promise<void> {
  const mailbox = pick(walk, walk.model.live);
  const uids = randomUids(walk, mailbox);
  const action = pick(walk, ['add', 'remove', 'replace'] as const);
  const flags = randomFlags(walk);
  const since = walk.integer(4) === 0 ? { unchangedSince: (walk.lastRev - walk.integer(20)) as ModSeq } : {};
  const expected = walk.model.store(mailbox, { uids, action, flags, ...since });
  const outcome = await mail.storeFlags({ mailbox: idOf(mailbox), uids, action, flags, ...since });
  assert.ok(outcome.kind === 'stored', outcome.kind);
  assert.deepEqual(
    {
      changed: outcome.changed.map(({ uid }) => Number(uid)),
      modified: numbers(outcome.modified),
      missing: numbers(outcome.missing),
    },
    expected,
  );
}

async function expunge(walk: Walk, mail: AccountMail): Promise<void> {
  const mailbox = pick(walk, walk.model.live);
  const uids = randomUids(walk, mailbox);
  const options = pick(walk, [{}, { uids }, { uids, any: true }, { uids, any: true }]);
  const expected = walk.model.expunge(mailbox, options);
  const outcome = await mail.expunge({ mailbox: idOf(mailbox), ...options });
  assert.deepEqual(outcome.kind === 'expunged' && numbers(outcome.uids), expected);
}

function copiedOf(outcome: CopyOutcome) {
  if (outcome.kind !== 'copied') return outcome.kind;
  const copied = outcome.copied.map(({ from, to }) => ({ from: Number(from), to: Number(to) }));
  return { copied, missing: numbers(outcome.missing) };
}

async function copyOrMove(walk: Walk, mail: AccountMail): Promise<void> {
  const from = pick(walk, walk.integer(10) === 0 ? walk.model.mailboxes : walk.model.live);
  const to = pick(walk, walk.model.live);
  const uids = randomUids(walk, from);
  const move = walk.integer(2) === 0;
  const expected = walk.model.copy(from, to, { uids, move });
  const request = { from: idOf(from), to: idOf(to), uids };
  assert.deepEqual(copiedOf(await (move ? mail.move(request) : mail.copy(request))), expected);
}

async function undelete(walk: Walk, mail: AccountMail): Promise<void> {
  const { model } = walk;
  const deleted = model.mailboxes.filter((mailbox) => mailbox.deleted);
  const from = pick(walk, deleted.length > 0 && walk.integer(2) === 0 ? deleted : model.live);
  const to = pick(walk, model.live);
  const gone = [...from.gone.keys()].map(uidOf);
  const uids = [...randomUids(walk, from), ...(gone.length > 0 ? [pick(walk, gone), pick(walk, gone)] : [])];
  const expected = model.undelete(from, to, uids);
  assert.deepEqual(copiedOf(await mail.undelete({ from: idOf(from), to: idOf(to), uids })), expected);
}

async function changeFolders(walk: Walk, mail: AccountMail): Promise<void> {
  const { model } = walk;
  const name = pick(walk, folderNames);
  const from = pick(walk, [...model.folders.keys()]);
  switch (walk.integer(4)) {
    case 0:
    case 1:
      return assert.equal((await mail.createFolder({ name })).kind, model.create(name));
    case 2:
      return assert.equal((await mail.deleteFolder(name)).kind, model.delete(name));
    default:
      return assert.equal((await mail.renameFolder({ from, to: name })).kind, model.rename(from, name));
  }
}

async function setQuota(walk: Walk, mail: AccountMail): Promise<void> {
  const { model } = walk;
  const quotaBytes = walk.integer(2) === 0 ? undefined : model.bytes + walk.integer(2000);
  model.quotaBytes = quotaBytes;
  assert.equal((await mail.setQuota(quotaBytes)).kind, 'done');
}

type Step = (walk: Walk, mail: AccountMail) => Promise<void>;

/** By their weights. */
const steps: readonly (readonly [number, Step])[] = [
  [5, append],
  [5, deliver],
  [2, deliverAtOnce],
  [6, storeFlags],
  [4, expunge],
  [6, copyOrMove],
  [4, undelete],
  [5, changeFolders],
  [1, setQuota],
];
const bag = steps.flatMap(([weight, step]) => Array.from({ length: weight }, () => step));

/** One step in one of the processes; its name. */
export async function takeStep(walk: Walk): Promise<string> {
  const step = pick(walk, bag);
  await step(walk, pick(walk, walk.processes));
  return step.name;
}
