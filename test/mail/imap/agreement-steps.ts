/** What the clients of a walk do: commands at random, and what must have come of them when they are answered. */
import assert from 'node:assert/strict';
import { imapRegistry } from '../../../mail/imap/registry.ts';
import {
  mailboxes,
  type Answer,
  type Prepared,
  type Truth,
  type Walk,
  type Walker,
} from './agreement-walk.ts';
import type { KnownMessage } from './client-model.ts';

/** Mailboxes stay small, so that those who change them meet. */
export const enoughMessages = 9;

const flagNames = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Deleted', '\\Draft', '$Work', 'Junk'];

/** A command of that walker's client, at random. */
export function anyCommand(walk: Walk, walker: Walker): Promise<Prepared> {
  if (walk.chance(0.45)) return store(walk, walker);
  const often = [expunge, expunge, uidExpunge, copy, move, fetch, fetch, noop];
  const seldom = [append, append, close, reselect, examine, search, enable];
  return walk.pick([...often, ...often, ...seldom])(walk, walker);
}

/** What a set names, as the client knows it. */
interface Chosen {
  readonly set: string;
  readonly uid: boolean;
  readonly messages: readonly KnownMessage[];
}

/** Some messages, by number or uid; undefined where there are none. */
function choose(walk: Walk, { model }: Walker): Chosen | undefined {
  if (model.exists === 0) return undefined;
  const uid = walk.chance(0.5);
  const indexes = model.messages.flatMap((message, index) =>
    (!uid || message.uid !== undefined) && walk.chance(0.4) ? [index] : [],
  );
  if (walk.chance(0.3)) return { set: '1:*', uid, messages: model.messages.slice() };
  if (indexes.length === 0) return { set: '*', uid, messages: model.messages.slice(-1) };
  const shuffled = indexes.toSorted(() => (walk.chance(0.5) ? 1 : -1));
  const names = shuffled.map((index) => (uid ? model.messages[index]?.uid : index + 1));
  return {
    set: names.join(','),
    uid,
    messages: indexes.flatMap((index) => model.messages[index] ?? []),
  };
}

const isOk = ({ tagged }: Answer) => tagged.status === 'OK';

/** Refusals that a race explains: what was named is gone. */
function assertOkOrGone({ tagged }: Answer): void {
  if (tagged.status !== 'OK') assert.match(tagged.code ?? '', /^(?:EXPUNGEISSUED|READ-ONLY)$/, tagged.text);
}

export async function noop(walk: Walk, walker: Walker): Promise<Prepared> {
  return {
    walker,
    text: 'NOOP',
    listening: 'everything',
    settle(answer) {
      assert.ok(isOk(answer));
      walker.missed = walk.server.wake.lost;
    },
  };
}

function changed(before: ReadonlySet<string>, action: string, flags: readonly string[]): ReadonlySet<string> {
  switch (action) {
    case '+':
      return new Set([...before, ...flags]);
    case '-':
      return new Set([...before].filter((flag) => !flags.includes(flag)));
    default:
      return new Set(flags);
  }
}

async function store(walk: Walk, walker: Walker): Promise<Prepared> {
  const chosen = choose(walk, walker);
  if (chosen === undefined) return noop(walk, walker);
  const { model } = walker;
  const before = await walk.truth(walker.mailbox);
  const flags = flagNames.filter(() => walk.chance(0.25));
  const folded = flags.map((flag) => flag.toLowerCase());
  const action = walk.pick(['+', '-', '+', '-', '']);
  const silent = walk.chance(0.5);
  const since = model.condstore && walk.chance(0.4) ? sinceOf(walk, chosen) : undefined;
  const known = new Map(chosen.messages.map((message) => [message, message.flags]));
  return {
    walker,
    text: [
      `${chosen.uid ? 'UID ' : ''}STORE ${chosen.set}`,
      ...(since === undefined ? [] : [`(UNCHANGEDSINCE ${since})`]),
      `${action}FLAGS${silent ? '.SILENT' : ''} (${flags.join(' ')})`,
    ].join(' '),
    listening: chosen.uid ? 'everything' : 'noExpunge',
    async settle(answer, alone) {
      assertOkOrModified(answer);
      const { code = '' } = answer.tagged;
      const modified = /^MODIFIED (.*)$/.exec(code)?.[1]?.split(',') ?? [];
      const refused = !isOk(answer) && !/^(?:EXPUNGEISSUED|MODIFIED .*)$/.test(code);
      // In silence the client knows itself what became of the flags, unless it was told.
      if (silent && !refused)
        for (const [message, flagsBefore] of known) {
          const name = chosen.uid ? message.uid : model.messages.indexOf(message) + 1;
          if (model.toldFlags.has(message) || flagsBefore === undefined) continue;
          if (!named(modified, Number(name))) message.flags = changed(flagsBefore, action, folded);
        }
      if (!alone || refused) return;
      const after = await walk.truth(walker.mailbox);
      for (const { uid } of chosen.messages) {
        const old = uid === undefined ? undefined : before.messages.get(uid);
        if (uid === undefined || old === undefined) continue;
        const late = since !== undefined && old.modSeq > since;
        const now = after.messages.get(uid);
        assert.deepEqual(now?.flags, late ? old.flags : changed(old.flags, action, folded), `uid ${uid}`);
        if (late) assert.equal(now.modSeq, old.modSeq);
      }
      const late = chosen.messages.filter(({ uid }) => isLate(before, { uid, since }));
      assert.equal(countOf(modified), late.length, `MODIFIED ${modified.join(',')}`);
    },
  };
}

function assertOkOrModified(answer: Answer): void {
  const { status, code } = answer.tagged;
  if (status !== 'NO' || code?.startsWith('MODIFIED ') !== true) assertOkOrGone(answer);
}

function isLate(
  truth: Truth,
  { uid, since }: { readonly uid: number | undefined; readonly since: number | undefined },
): boolean {
  const message = uid === undefined ? undefined : truth.messages.get(uid);
  return since !== undefined && message !== undefined && message.modSeq > since;
}

function sinceOf(walk: Walk, { messages }: Chosen): number {
  return walk.chance(0.1) ? 0 : (walk.pick(messages).modSeq ?? 1);
}

function named(parts: readonly string[], number: number): boolean {
  return parts.some((part) => {
    const [from = 0, to = from] = part.split(':').map(Number);
    return from <= number && number <= to;
  });
}

function countOf(parts: readonly string[]): number {
  return parts
    .map((part) => part.split(':').map(Number))
    .reduce((sum, [from = 0, to = from]) => sum + to - from + 1, 0);
}

async function expunge(walk: Walk, walker: Walker): Promise<Prepared> {
  return {
    walker,
    text: 'EXPUNGE',
    listening: 'everything',
    async settle(answer, alone) {
      assert.equal(isOk(answer), !walker.readOnly);
      if (alone && !walker.readOnly) assert.equal(await countDeleted(walk, walker), 0);
    },
  };
}

async function countDeleted(walk: Walk, { mailbox }: Walker): Promise<number> {
  const { messages } = await walk.truth(mailbox);
  return [...messages.values()].filter(({ flags }) => flags.has('\\deleted')).length;
}

async function uidExpunge(walk: Walk, walker: Walker): Promise<Prepared> {
  const uids = walker.model.messages.flatMap(({ uid }) =>
    uid !== undefined && walk.chance(0.5) ? [uid] : [],
  );
  const before = await walk.truth(walker.mailbox);
  return {
    walker,
    text: `UID EXPUNGE ${uids.join(',') || '4294967295'}`,
    listening: 'everything',
    async settle(answer, alone) {
      assert.equal(isOk(answer), !walker.readOnly);
      if (!alone || walker.readOnly) return;
      const after = await walk.truth(walker.mailbox);
      const left = [...before.messages].filter(
        ([uid, { flags }]) => !(uids.includes(uid) && flags.has('\\deleted')),
      );
      assert.deepEqual(
        [...after.messages.keys()],
        left.map(([uid]) => uid),
      );
    },
  };
}

async function copy(walk: Walk, walker: Walker): Promise<Prepared> {
  return copyOrMove(walk, { walker, verb: 'COPY' });
}

async function move(walk: Walk, walker: Walker): Promise<Prepared> {
  return copyOrMove(walk, { walker, verb: 'MOVE' });
}

async function copyOrMove(
  walk: Walk,
  { walker, verb }: { readonly walker: Walker; readonly verb: 'COPY' | 'MOVE' },
): Promise<Prepared> {
  const chosen = choose(walk, walker);
  if (chosen === undefined || walker.model.exists > enoughMessages) return noop(walk, walker);
  const target = walk.pick(mailboxes);
  const [sourceBefore, targetBefore] = [await walk.truth(walker.mailbox), await walk.truth(target)];
  return {
    walker,
    text: `${chosen.uid ? 'UID ' : ''}${verb} ${chosen.set} ${target}`,
    listening: 'everything',
    async settle(answer, alone) {
      if (verb === 'MOVE' && walker.readOnly) return assert.equal(answer.tagged.code, 'READ-ONLY');
      assertOkOrGone(answer);
      if (!alone) return;
      const untagged = answer.untagged.flatMap((each) => (each.kind === 'status' ? [each.code ?? ''] : []));
      const codes = [answer.tagged.code ?? '', ...untagged];
      const copyUid = codes.find((code) => code.startsWith('COPYUID '))?.split(' ');
      const there = chosen.messages.flatMap(({ uid }) =>
        uid !== undefined && sourceBefore.messages.has(uid) ? [uid] : [],
      );
      const [from, to] = [unfolded(copyUid?.[2]), unfolded(copyUid?.[3])];
      assert.deepEqual(from, there);
      assert.equal(to.length, from.length);
      const [source, after] = [await walk.truth(walker.mailbox), await walk.truth(target)];
      if (copyUid !== undefined) assert.equal(Number(copyUid[1]), after.uidValidity);
      for (const [at, uid] of to.entries()) {
        assert.ok(!targetBefore.messages.has(uid));
        assert.deepEqual(after.messages.get(uid)?.flags, sourceBefore.messages.get(from[at] ?? 0)?.flags);
      }
      for (const uid of from) assert.equal(source.messages.has(uid), verb === 'COPY', `uid ${uid}`);
    },
  };
}

/** The uids of a uid-set, one by one. */
function unfolded(set: string | undefined): readonly number[] {
  return (set ?? '').split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split(':').map(Number);
    return from === 0 ? [] : Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
}

async function append(walk: Walk, walker: Walker): Promise<Prepared> {
  const target = walk.pick(mailboxes);
  const flags = flagNames.filter(() => walk.chance(0.2));
  const message = `Subject: ${walk.integer(1000)}\r\n\r\nText\r\n`;
  return {
    walker,
    text: `APPEND ${target} (${flags.join(' ')}) {${message.length}+}\r\n${message}`,
    listening: 'everything',
    async settle(answer, alone) {
      assert.ok(isOk(answer));
      const [, uidValidity, uid] = /^APPENDUID (\d+) (\d+)$/.exec(answer.tagged.code ?? '') ?? [];
      const after = await walk.truth(target);
      assert.equal(Number(uidValidity), after.uidValidity);
      if (!alone) return;
      const folded = new Set(flags.map((flag) => flag.toLowerCase()));
      assert.deepEqual(after.messages.get(Number(uid))?.flags, folded);
    },
  };
}

async function fetch(walk: Walk, walker: Walker): Promise<Prepared> {
  const chosen = choose(walk, walker);
  if (chosen === undefined) return noop(walk, walker);
  const items = walk.pick([
    'FLAGS',
    '(UID FLAGS)',
    'BODY[]',
    'BODY.PEEK[TEXT]',
    '(RFC822.SIZE INTERNALDATE)',
    'FAST',
  ]);
  return {
    walker,
    text: `${chosen.uid ? 'UID ' : ''}FETCH ${chosen.set} ${items}`,
    listening: chosen.uid ? 'everything' : 'noExpunge',
    settle: assertOkOrGone,
  };
}

async function search(walk: Walk, walker: Walker): Promise<Prepared> {
  if (!imapRegistry.commands.has('SEARCH')) return noop(walk, walker);
  const uid = walk.chance(0.5);
  const before = walker.model.messages.slice();
  return {
    walker,
    text: `${uid ? 'UID ' : ''}SEARCH FLAGGED`,
    listening: uid ? 'everything' : 'noExpunge',
    async settle(answer, alone) {
      assert.ok(isOk(answer));
      const found = answer.untagged.flatMap((each) =>
        each.kind === 'data' && each.name === 'SEARCH' ? each.values : [],
      );
      const numbers = found.map(Number);
      for (const number of numbers)
        assert.ok(
          before.some((message, at) => (uid ? message.uid : at + 1) === number),
          `found ${number}`,
        );
      // What it has heard of it has found.
      if (!alone || walker.missed) return;
      const { messages } = await walk.truth(walker.mailbox);
      for (const [at, message] of before.entries()) {
        const truth = message.uid === undefined ? undefined : messages.get(message.uid);
        if (truth === undefined) continue;
        const wanted = numbers.includes(uid ? (message.uid ?? 0) : at + 1);
        assert.equal(wanted, truth.flags.has('\\flagged'), `uid ${message.uid}`);
      }
    },
  };
}

async function enable(_: Walk, walker: Walker): Promise<Prepared> {
  return {
    walker,
    text: 'ENABLE CONDSTORE',
    listening: 'everything',
    settle(answer) {
      assert.ok(isOk(answer));
      walker.model.condstore = true;
    },
  };
}

/** CLOSE or UNSELECT; the client selects again at once. */
async function close(walk: Walk, walker: Walker): Promise<Prepared> {
  const verb = walk.pick(['CLOSE', 'UNSELECT']);
  return {
    walker,
    text: verb,
    listening: 'everything',
    async settle(answer, alone) {
      assert.ok(isOk(answer) && answer.untagged.length === 0);
      if (alone && verb === 'CLOSE' && !walker.readOnly) assert.equal(await countDeleted(walk, walker), 0);
      walker.model.forget();
      await walk.run(await select(walk, { walker, verb: 'SELECT' }));
    },
  };
}

function reselect(walk: Walk, walker: Walker): Promise<Prepared> {
  return select(walk, { walker, verb: 'SELECT' });
}

function examine(walk: Walk, walker: Walker): Promise<Prepared> {
  return select(walk, { walker, verb: 'EXAMINE' });
}

export async function select(
  walk: Walk,
  { walker, verb }: { readonly walker: Walker; readonly verb: 'SELECT' | 'EXAMINE' },
): Promise<Prepared> {
  const mailbox = walk.chance(0.8) ? 'INBOX' : 'Archive';
  walker.model.forget();
  walker.mailbox = mailbox;
  walker.readOnly = verb === 'EXAMINE';
  walker.selection += 1;
  return {
    walker,
    text: `${verb} ${mailbox}`,
    listening: 'everything',
    settle(answer) {
      assert.equal(answer.tagged.code, verb === 'SELECT' ? 'READ-WRITE' : 'READ-ONLY');
      assert.ok(walker.model.highestModSeq > 0 && walker.model.uidValidity > 0);
    },
  };
}
