/** What a client is told, held against the plainest client there is: a list of uids, and what it believes of each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Told } from '../../../mail/imap/told.ts';
import type { LogRecord, MessageChange } from '../../../mail/mailbox/log-record.ts';
import { MessageColumns } from '../../../mail/mailbox/message-columns.ts';
import type { MessageRecord } from '../../../mail/mailbox/message-record.ts';
import { parseMailboxId, parseRev, parseUid, sound, type Rev } from '../../../mail/mailbox/types.ts';
import { MailboxView } from '../../../mail/mailbox/view.ts';
import { seededRandom } from '../../seeded-random.ts';
import { testAccount, uidOf } from '../mailbox/mail-kit.ts';
import { fuzzRounds } from '../wire/splits.ts';

const mailbox = sound(parseMailboxId('inbox'), 'mailbox id');
const revOf = (number: number): Rev => sound(parseRev(number), 'rev');

function record(uid: number, { system = 0, rev = 1 } = {}): MessageRecord {
  return {
    uid: uidOf(uid),
    system,
    keywords: [],
    modSeq: revOf(rev),
    size: 1,
    internalDateSeconds: 0,
    saveDateSeconds: 0,
  };
}

/** A mailbox to which things happen, commit by commit; its view is as of `commits` that were followed. */
class Mailbox {
  readonly view: MailboxView;
  readonly #records = new Map<number, MessageRecord>();
  #rev = 1;
  #uidNext = 1;

  constructor(messages = 0) {
    const columns = new MessageColumns();
    for (; this.#uidNext <= messages; this.#uidNext++) {
      this.#records.set(this.#uidNext, record(this.#uidNext));
      columns.set(record(this.#uidNext));
    }
    this.view = new MailboxView(mailbox, this.#scanned(columns));
  }

  get uids(): readonly number[] {
    return [...this.#records.keys()];
  }

  systemOf(uid: number): number | undefined {
    return this.#records.get(uid)?.system;
  }

  add(count = 1): void {
    const uids = Array.from({ length: count }, () => this.#uidNext++);
    this.#commit({ kind: 'added', uids, system: () => 0 });
  }

  flag(uids: readonly number[], system: number): void {
    this.#commit({ kind: 'flags', uids, system: () => system });
  }

  expunge(...uids: readonly number[]): void {
    this.#commit({ kind: 'expunged', uids, system: (uid) => this.systemOf(uid) ?? 0 });
  }

  /** What happens elsewhere in the account. */
  elsewhere(): void {
    this.#rev += 1;
    this.view.apply(this.#logRecord([]));
  }

  /** Something happens that the view does not follow; then it begins anew. */
  skip(change: () => void): void {
    const apply = this.view.apply.bind(this.view);
    this.view.apply = () => undefined;
    change();
    this.view.apply = apply;
    const columns = new MessageColumns();
    for (const each of this.#records.values()) columns.set(each);
    this.view.restart(this.#scanned(columns));
  }

  #commit(change: {
    readonly kind: MessageChange['kind'];
    readonly uids: readonly number[];
    readonly system: (uid: number) => number;
  }): void {
    const { kind, uids, system } = change;
    this.#rev += 1;
    const rev = kind === 'expunged' ? 1 : this.#rev;
    const records = uids.map((uid) => record(uid, { system: system(uid), rev }));
    for (const each of records)
      if (kind === 'expunged') this.#records.delete(each.uid);
      else this.#records.set(each.uid, each);
    this.view.apply(this.#logRecord([{ kind, mailbox, records }]));
  }

  #logRecord(messages: readonly MessageChange[]): LogRecord {
    return { account: testAccount, rev: revOf(this.#rev), token: '', atMs: 0, messages, folders: [] };
  }

  #scanned(columns: MessageColumns) {
    const rev = revOf(this.#rev);
    const counts = { messages: columns.count, unseen: 0, deleted: 0, bytes: 0 };
    const uidNext = sound(parseUid(this.#uidNext), 'uid');
    const state = { uidValidity: 1, uidNext, highestModSeq: rev, epoch: 1, keywords: [], ...counts };
    return { rev, state, columns };
  }
}

/** What a client has at hand, that believes all it is told. */
function uidsTold(told: Told): readonly number[] {
  return Array.from({ length: told.count }, (_, index) => told.uidAt(index));
}

test('a client begins with all that the mailbox shows', () => {
  const { view } = new Mailbox(3);
  const told = new Told(view);
  assert.deepEqual(uidsTold(told), [1, 2, 3]);
  assert.deepEqual(told.follow(view), { added: [], flags: [] });
  assert.equal(told.lastUid, 3);
  assert.equal(new Told(new Mailbox().view).lastUid, 0);
});

test('numbers are found by uid, and where a uid would be', () => {
  const inbox = new Mailbox(5);
  inbox.expunge(2, 4);
  const told = new Told(inbox.view);
  assert.deepEqual(uidsTold(told), [1, 3, 5]);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map((uid) => told.indexOf(uid)),
    [-1, 0, -1, 1, -1, 2, -1],
  );
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map((uid) => told.lowerBound(uid)),
    [0, 0, 1, 1, 2, 2, 3],
  );
  assert.equal(told.uidAt(3), 0);
});

test('what was taken out keeps its number until EXPUNGE may be said, and what it last was', () => {
  const inbox = new Mailbox(4);
  const told = new Told(inbox.view);
  inbox.expunge(2, 3);
  inbox.add();
  assert.deepEqual(told.follow(inbox.view), { added: [5], flags: [] });
  assert.deepEqual(uidsTold(told), [1, 2, 3, 4, 5]);
  assert.ok(told.owesExpunge);
  assert.equal(told.lastRecordOf(2, inbox.view)?.uid, 2);
  assert.equal(told.lastRecordOf(1, inbox.view), undefined);
  // From the highest down.
  assert.deepEqual(told.takeExpunged(), [3, 2]);
  assert.deepEqual(uidsTold(told), [1, 4, 5]);
  assert.deepEqual(told.takeExpunged(), []);
  assert.equal(told.lastRecordOf(2, inbox.view), undefined);
});

test('what came and went between two looks is never told', () => {
  const inbox = new Mailbox(1);
  const told = new Told(inbox.view);
  inbox.add(2);
  inbox.flag([2, 3], 1);
  inbox.expunge(2);
  assert.deepEqual(told.follow(inbox.view), { added: [3], flags: [] });
  assert.deepEqual(told.takeExpunged(), []);
  assert.deepEqual(uidsTold(told), [1, 3]);
});

test('flags of a message are told once, rising, and not when it is gone', () => {
  const inbox = new Mailbox(3);
  const told = new Told(inbox.view);
  inbox.flag([3, 1], 1);
  inbox.flag([2, 1], 2);
  inbox.expunge(2);
  assert.deepEqual(told.follow(inbox.view), { added: [], flags: [1, 3] });
  inbox.elsewhere();
  assert.deepEqual(told.follow(inbox.view), { added: [], flags: [] });
  assert.equal(told.rev, inbox.view.rev);
});

test('flags that STORE has told are not told again, but those that came after are', () => {
  const inbox = new Mailbox(3);
  const told = new Told(inbox.view);
  inbox.flag([1, 2], 1);
  told.noteFlags(1, inbox.view.modSeqAt(0));
  told.noteFlags(2, inbox.view.modSeqAt(1));
  inbox.flag([2, 3], 4);
  assert.deepEqual(told.follow(inbox.view).flags, [2, 3]);
  inbox.flag([1], 8);
  assert.deepEqual(told.follow(inbox.view).flags, [1]);
});

test('the client knows the flags up to where it was told, or told beside the history', () => {
  const inbox = new Mailbox(2);
  const told = new Told(inbox.view);
  inbox.flag([1, 2], 1);
  const modSeq = inbox.view.modSeqAt(0);
  assert.ok(told.knowsFlags(1, modSeq - 1));
  assert.ok(!told.knowsFlags(1, modSeq));
  told.noteFlags(1, modSeq);
  assert.ok(told.knowsFlags(1, modSeq));
  assert.ok(!told.knowsFlags(2, modSeq));
  told.follow(inbox.view);
  assert.ok(told.knowsFlags(2, modSeq));
  assert.ok(!told.knowsFlags(1, modSeq + 1));
});

test('where the changes are forgotten, what was told is compared with what is', () => {
  const inbox = new Mailbox(5);
  const told = new Told(inbox.view);
  inbox.skip(() => {
    inbox.expunge(1, 5);
    inbox.flag([3], 2);
    inbox.add(2);
    inbox.expunge(6);
  });
  assert.deepEqual(told.follow(inbox.view), { added: [7], flags: [3] });
  assert.deepEqual(told.takeExpunged(), [5, 1]);
  assert.deepEqual(uidsTold(told), [2, 3, 4, 7]);
});

test('a mailbox that grows and shrinks by thousands is followed', () => {
  const inbox = new Mailbox(10);
  const told = new Told(inbox.view);
  inbox.add(5000);
  assert.equal(told.follow(inbox.view).added.length, 5000);
  inbox.expunge(...Array.from({ length: 5000 }, (_, at) => at + 5));
  told.follow(inbox.view);
  assert.equal(told.takeExpunged().length, 5000);
  assert.deepEqual(uidsTold(told), inbox.uids);
});

/** What happens in one walk: at random, to the mailbox or between it and the client. */
function walk(random: () => number): void {
  const integer = (below: number) => Math.floor(random() * below);
  const inbox = new Mailbox(integer(6));
  const told = new Told(inbox.view);
  const client = new Map(inbox.uids.map((uid) => [uid, inbox.systemOf(uid)]));
  const some = () => inbox.uids.filter(() => random() < 0.3);
  const happen = () => {
    const uids = some();
    if (random() < 0.4) inbox.add(1 + integer(3));
    else if (uids.length === 0) inbox.elsewhere();
    else if (random() < 0.5) inbox.expunge(...uids);
    else inbox.flag(uids, integer(32));
  };
  for (let step = 0; step < 40; step++) {
    if (random() < 0.05) inbox.skip(() => [happen(), happen(), happen()]);
    else happen();
    // The client changes something itself, and is told beside the history.
    if (random() < 0.2)
      for (const uid of some().filter((each) => client.has(each))) {
        inbox.flag([uid], integer(32));
        client.set(uid, inbox.systemOf(uid));
        told.noteFlags(uid, inbox.view.modSeqAt(inbox.view.indexOf(uid)));
      }
    if (random() < 0.4) continue;
    const before = uidsTold(told);
    const { added, flags } = told.follow(inbox.view);
    assert.deepEqual(before, [...client.keys()]);
    for (const uid of added) client.set(uid, inbox.systemOf(uid));
    for (const uid of flags) {
      assert.ok(client.has(uid) && inbox.systemOf(uid) !== undefined);
      client.set(uid, inbox.systemOf(uid));
    }
    assert.deepEqual(uidsTold(told), [...client.keys()]);
    if (random() < 0.4) continue;
    for (const number of told.takeExpunged()) {
      const uid = [...client.keys()][number - 1] ?? assert.fail(`no message ${number}`);
      assert.equal(inbox.systemOf(uid), undefined);
      client.delete(uid);
    }
    assert.deepEqual(uidsTold(told), inbox.uids);
    assert.deepEqual(
      [...client],
      inbox.uids.map((uid) => [uid, inbox.systemOf(uid)]),
    );
  }
}

test('whatever happens, a client that believes what it is told knows the mailbox', () => {
  for (let seed = 1; seed <= fuzzRounds / 10; seed++) {
    try {
      walk(seededRandom(seed));
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
});
