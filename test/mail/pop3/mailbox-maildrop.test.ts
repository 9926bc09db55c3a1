/** The engine over the real mailboxes: embedded table, blobs in memory, a clock turned by hand for the lock. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { plainMechanism } from '../../../mail/auth/sasl/plain.ts';
import { createMailStore } from '../../../mail/mailbox/create-mail-store.ts';
import type { MailStore } from '../../../mail/mailbox/mail-store.ts';
import { pop3Engine } from '../../../mail/pop3/engine.ts';
import { pop3Limits } from '../../../mail/pop3/limits.ts';
import { mailboxMaildrops } from '../../../mail/pop3/mailbox-maildrop.ts';
import { ManualClock } from '../../contracts/manual-clock.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { connectionOf, RecordedSession } from '../../transcripts/recorded-session.ts';
import {
  idsIn,
  mailKit,
  newMessage,
  numbered,
  seededRandom,
  uidOf,
  type MailKit,
} from '../mailbox/mail-kit.ts';
import { Pop3Session } from './pop3-server.ts';

/** Processes with their POP3 servers on the mailboxes of one account. */
interface Postas extends AsyncDisposable {
  readonly kit: MailKit;
  readonly clock: ManualClock;
  readonly log: ReturnType<typeof recordingLog>;
  /** A session with the server of that process, logged in; or what PASS was answered. */
  session(process?: 1 | 2): Promise<{ readonly pop3: Pop3Session; readonly answer: string }>;
  /** Files messages with these ids; each holds its id. */
  deliver(...ids: readonly string[]): Promise<void>;
}

async function postas(): Promise<Postas> {
  const kit = await mailKit();
  const clock = new ManualClock();
  const log = recordingLog();
  const stores = [1, 2].map((seed): MailStore => {
    const { staged: table, blobs, wake } = kit;
    return createMailStore({ table, blobs, wake, clock, log, epoch: 1, random: seededRandom(seed * 7) });
  });
  const sessions: Pop3Session[] = [];
  return {
    kit,
    clock,
    log,
    async session(process = 1) {
      const store = stores[process - 1] ?? kit.store;
      const engine = pop3Engine({
        host: mailboxMaildrops({ store, blobs: kit.blobs, clock, log }),
        authenticator: {
          verify: async ({ user }) => ({
            kind: 'ok',
            principal: { accountId: kit.account, address: user, passwordSince: '2026-01-01T00:00:00.000Z' },
          }),
        },
        mechanisms: [plainMechanism],
        tlsAvailable: true,
        loopbackPasswords: false,
        limits: pop3Limits,
        clock,
        log,
        metrics: { count: () => {}, gauge: () => {}, timeMs: () => {} },
      });
      const recorded = new RecordedSession(connectionOf(1, ['tls']), engine);
      await recorded.start(true);
      const pop3 = new Pop3Session(recorded);
      sessions.push(pop3);
      const answer = (await pop3.say('USER paco@example.test', 'PASS secret')).at(-1) ?? '';
      return { pop3, answer };
    },
    async deliver(...ids) {
      const messages = ids.map((id) => {
        const bytes = Buffer.from(`Subject: ${id}\r\n\r\n.${id}\r\n`);
        kit.blobs.stored.set(`incoming/${id}.eml`, bytes);
        return newMessage(id, { size: bytes.length });
      });
      for (const { kind } of await kit.mail.deliver(messages)) assert.equal(kind, 'delivered');
    },
    async [Symbol.asyncDispose]() {
      for (const { recorded } of sessions) await recorded.close();
      await Promise.all(stores.map((store) => store.settled()));
      await kit[Symbol.asyncDispose]();
    },
  };
}

test('messages come back as they were stored, and QUIT deletes just those that were marked', async () => {
  await using posta = await postas();
  await posta.deliver('aa', 'bb', 'cc');
  const { pop3, answer } = await posta.session();
  assert.equal(answer, '+OK The maildrop has 3 messages (60 octets)');
  assert.deepEqual(await pop3.say('RETR 2'), ['+OK 20 octets', 'Subject: bb', '', '..bb', '.']);
  assert.deepEqual(await pop3.say('DELE 1', 'DELE 3', 'QUIT'), [
    '+OK Message 1 deleted',
    '+OK Message 3 deleted',
    '+OK Bye',
  ]);
  assert.deepEqual(await idsIn(posta.kit.mail, posta.kit.inbox), ['bb']);
});

test('a unique-id is the same in every session and process, and no other message ever has it', async () => {
  await using posta = await postas();
  await posta.deliver('aa', 'bb');
  const one = await posta.session();
  const first = await one.pop3.say('UIDL');
  assert.match(first[1] ?? '', /^1 \d+\.1$/);
  await one.pop3.say('DELE 2', 'QUIT');
  await posta.deliver('cc');
  const two = await posta.session(2);
  const second = await two.pop3.say('UIDL');
  assert.equal(second[1], first[1]);
  assert.notEqual(second[2], first[2]);
  assert.equal(second.length, 4);
});

test('one session at a time holds the maildrop, in whatever process, until it ends', async () => {
  await using posta = await postas();
  await posta.deliver('aa');
  const one = await posta.session(1);
  for (const process of [1, 2] as const)
    assert.match((await posta.session(process)).answer, /^-ERR \[IN-USE\]/);
  await one.pop3.say('QUIT');
  const next = await posta.session(2);
  assert.match(next.answer, /^\+OK/);
  await next.pop3.recorded.close();
  assert.match((await posta.session(1)).answer, /^\+OK/);
});

test('a dropped connection deletes nothing and frees the maildrop', async () => {
  await using posta = await postas();
  await posta.deliver('aa', 'bb');
  const { pop3 } = await posta.session();
  await pop3.say('DELE 1', 'DELE 2');
  await pop3.recorded.close();
  assert.equal((await posta.session(2)).answer, '+OK The maildrop has 2 messages (40 octets)');
});

test('the lock is renewed as long as the session lives', async () => {
  await using posta = await postas();
  await posta.deliver('aa');
  const one = await posta.session(1);
  const { sleeping } = posta.clock;
  for (let halfMinutes = 0; halfMinutes < 20; halfMinutes++) {
    await posta.clock.advance(30_000);
    // The renewal goes to the table, which a clock that is turned by hand does not wait for.
    for (let turns = 0; posta.clock.sleeping < sleeping; turns++) {
      assert.ok(turns < 100_000, 'the lock is not renewed');
      await turn();
    }
  }
  assert.match((await posta.session(2)).answer, /^-ERR \[IN-USE\]/);
  assert.deepEqual(await one.pop3.say('DELE 1', 'QUIT'), ['+OK Message 1 deleted', '+OK Bye']);
});

test('a session that lost its lock deletes nothing, says so, and does not take the lock of another', async () => {
  await using posta = await postas();
  await posta.deliver('aa');
  const one = await posta.session(1);
  // Its process stood still for longer than the lease.
  posta.clock.set(posta.clock.now() + 200_000);
  const two = await posta.session(2);
  assert.match(two.answer, /^\+OK/);
  assert.deepEqual(await one.pop3.say('DELE 1', 'QUIT'), [
    '+OK Message 1 deleted',
    '-ERR [SYS/TEMP] some deleted messages not removed',
  ]);
  assert.deepEqual(await idsIn(posta.kit.mail, posta.kit.inbox), ['aa']);
  assert.equal(posta.log.lines.filter(({ event }) => event === 'pop3.lock.lost').length, 1);
  assert.match((await posta.session(1)).answer, /^-ERR \[IN-USE\]/);
});

test('what is delivered or expunged meanwhile changes nothing in the session', async () => {
  await using posta = await postas();
  await posta.deliver('aa', 'bb');
  const { pop3 } = await posta.session();
  await posta.deliver('cc');
  await posta.kit.mail.expunge({ mailbox: posta.kit.inbox, uids: [uidOf(1)], any: true });
  assert.deepEqual(await pop3.say('STAT'), ['+OK 2 40']);
  assert.deepEqual(await pop3.say('RETR 1'), ['+OK 20 octets', 'Subject: aa', '', '..aa', '.']);
  assert.deepEqual(await pop3.say('DELE 1', 'DELE 2', 'QUIT'), [
    '+OK Message 1 deleted',
    '+OK Message 2 deleted',
    '+OK Bye',
  ]);
  assert.deepEqual(await idsIn(posta.kit.mail, posta.kit.inbox), ['cc']);
});

test('QUIT deletes more than one transaction holds', async () => {
  await using posta = await postas();
  const ids = numbered('m', 250);
  await posta.deliver(...ids);
  const { pop3 } = await posta.session();
  const said = await pop3.say(...ids.slice(1).map((_, at) => `DELE ${at + 2}`), 'QUIT');
  assert.equal(said.at(-1), '+OK Bye');
  assert.deepEqual(await idsIn(posta.kit.mail, posta.kit.inbox), ['m1']);
});

test('an answer of the table that is lost does not make QUIT fail, nor delete anything else', async () => {
  await using posta = await postas();
  await posta.deliver('aa', 'bb');
  const { pop3 } = await posta.session();
  let faults = 0;
  posta.kit.staged.faultFor = () => (faults++ % 2 === 0 ? 'answerLost' : undefined);
  const quit = pop3.say('DELE 1', 'QUIT');
  for (let turns = 0; turns < 20; turns++) await posta.clock.advance(1_000);
  assert.equal((await quit).at(-1), '+OK Bye');
  assert.ok(faults > 1);
  posta.kit.staged.faultFor = () => undefined;
  assert.deepEqual(await idsIn(posta.kit.mail, posta.kit.inbox), ['bb']);
});

test('a message whose bytes are missing is a fault of that message only', async () => {
  await using posta = await postas();
  await posta.deliver('aa', 'bb');
  posta.kit.blobs.stored.delete('incoming/aa.eml');
  const { pop3 } = await posta.session();
  const [refused, ...rest] = await pop3.say('RETR 1', 'RETR 2');
  assert.match(refused ?? '', /^-ERR \[SYS\/TEMP\]/);
  assert.deepEqual(rest, ['+OK 20 octets', 'Subject: bb', '', '..bb', '.']);
});

test('an account that is removed has no maildrop', async () => {
  await using posta = await postas();
  await posta.kit.mail.remove();
  assert.match((await posta.session()).answer, /^-ERR \[SYS\/PERM\]/);
});
