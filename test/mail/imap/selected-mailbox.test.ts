/** Which messages a set names, by numbers and by uids, held against a plain reading of RFC 3501 sections 6.4.8 and 9. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SelectedMailbox, type Numbering } from '../../../mail/imap/selected-mailbox.ts';
import { sequenceSet } from '../../../mail/imap/syntax/sequence-set.ts';
import type { OpenMailbox } from '../../../mail/mailbox/mail-store.ts';
import { emptyMailboxState } from '../../../mail/mailbox/mailbox-state.ts';
import { MessageColumns } from '../../../mail/mailbox/message-columns.ts';
import { parseMailboxId, parseRev, sound } from '../../../mail/mailbox/types.ts';
import { MailboxView } from '../../../mail/mailbox/view.ts';
import { seededRandom } from '../../seeded-random.ts';
import { testAccount, uidOf } from '../mailbox/mail-kit.ts';
import { fuzzRounds } from '../wire/splits.ts';
import { scannerOf } from './syntax/scan.ts';

const mailbox = sound(parseMailboxId('inbox'), 'mailbox id');
const rev = sound(parseRev(2), 'rev');

/** A mailbox with messages of these uids. */
function selected(uids: readonly number[]): SelectedMailbox {
  const columns = new MessageColumns();
  for (const uid of uids)
    columns.set({
      uid: uidOf(uid),
      system: 0,
      keywords: [],
      modSeq: rev,
      size: 1,
      internalDateSeconds: 0,
      saveDateSeconds: 0,
    });
  const state = emptyMailboxState({ uidValidity: 1, modSeq: rev, epoch: 1 });
  const opened: OpenMailbox = {
    kind: 'open',
    account: testAccount,
    mailbox,
    view: new MailboxView(mailbox, { rev, state, columns }),
    refresh: async () => 'current',
    findMessage: async () => undefined,
    findMessages: async () => [],
    findEnvelopes: async () => [],
    close: () => undefined,
  };
  return new SelectedMailbox({ opened, name: 'INBOX', readOnly: false });
}

/** The uids that a set names, or undefined where it names a number that is not there. */
function named(mail: SelectedMailbox, set: string, numbering: Numbering): readonly number[] | undefined {
  const ranges = mail.resolve(sequenceSet(scannerOf(set)) ?? assert.fail(set), numbering);
  return ranges && [...mail.uidsOf(ranges)];
}

test('numbers name messages by their place, and a number that is not there is refused', () => {
  const mail = selected([10, 20, 30]);
  assert.deepEqual(named(mail, '1', 'sequence'), [10]);
  assert.deepEqual(named(mail, '3,1', 'sequence'), [10, 30]);
  assert.deepEqual(named(mail, '*', 'sequence'), [30]);
  assert.deepEqual(named(mail, '2:*', 'sequence'), [20, 30]);
  assert.equal(named(mail, '4', 'sequence'), undefined);
  assert.equal(named(mail, '1:4', 'sequence'), undefined);
  assert.equal(named(mail, '4:*', 'sequence'), undefined);
});

test('uids name the messages that are there; * is the last one, wherever the range begins', () => {
  const mail = selected([10, 20, 30]);
  assert.deepEqual(named(mail, '20', 'uid'), [20]);
  assert.deepEqual(named(mail, '1:25', 'uid'), [10, 20]);
  assert.deepEqual(named(mail, '11:19,31:99', 'uid'), []);
  assert.deepEqual(named(mail, '4294967295:*', 'uid'), [30]);
  assert.deepEqual(named(mail, '25:*', 'uid'), [30]);
  assert.deepEqual(named(mail, '1:4294967295', 'uid'), [10, 20, 30]);
});

test('in an empty mailbox * names nothing, and a number is refused', () => {
  const mail = selected([]);
  for (const numbering of ['sequence', 'uid'] as const) {
    assert.deepEqual(named(mail, '*', numbering), []);
    assert.deepEqual(named(mail, '1:*', numbering), []);
  }
  assert.equal(named(mail, '1', 'sequence'), undefined);
  assert.equal(named(mail, '1:2,*', 'sequence'), undefined);
  assert.deepEqual(named(mail, '1', 'uid'), []);
});

test('any set names what a plain reading says', () => {
  const random = seededRandom(648);
  const integer = (below: number) => Math.floor(random() * below);
  for (let round = 0; round < fuzzRounds / 5; round++) {
    const uids = Array.from({ length: 20 }, (_, at) => at + 1).filter(() => random() < 0.4);
    const mail = selected(uids);
    const one = () => (random() < 0.2 ? '*' : String(1 + integer(22)));
    const parts = Array.from({ length: 1 + integer(4) }, () =>
      random() < 0.5 ? one() : `${one()}:${one()}`,
    );
    const plain = (largest: number) => {
      const numbers = new Set<number>();
      for (const part of parts) {
        const [first = 0, last = first] = part.split(':').map((end) => (end === '*' ? largest : Number(end)));
        for (let at = Math.min(first, last); at <= Math.max(first, last); at++) numbers.add(at);
      }
      return numbers;
    };
    const byUid = plain(uids.at(-1) ?? 0);
    assert.deepEqual(
      named(mail, parts.join(','), 'uid'),
      uids.filter((uid) => byUid.has(uid)),
    );
    if (uids.length === 0) continue;
    const numbers = [...plain(uids.length)];
    const expected = numbers.some((number) => number > uids.length)
      ? undefined
      : uids.filter((_, at) => numbers.includes(at + 1));
    assert.deepEqual(named(mail, parts.join(','), 'sequence'), expected, parts.join(','));
  }
});
