/**
 * The reference scenario: pepe hands a message in at gmail.test with his password, his server hands it on to
 * hotmail.test on port 25, and paco reads it there, by POP3 or IMAP; and the answer comes back the same way.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Secret } from '../../mail/auth/secret.ts';
import { addAccount } from '../../mail/directory/change-account.ts';
import { emptyMailbox, fetchedMessages, imapFlow } from './imap-client.ts';
import {
  messagesOf,
  nodePop3,
  retrieveByNodePop3,
  takeMessage,
  takeMessages,
  traceBefore,
  type User,
} from './maildrop.ts';
import { untilOutbound } from './outbound.ts';
import type { TestPosta } from './posta.ts';
import { largeMessageOf, messageOf } from './random-message.ts';
import { authenticate, greeted, sendByData } from './smtp-dialog.ts';
import { paco, pepe, submit, TwoPostas } from './two-postas.ts';

let postas: TwoPostas;
before(async () => {
  postas = await TwoPostas.start();
});
after(() => postas[Symbol.asyncDispose]());

const letter = (from: User, to: User, text: string) =>
  Buffer.from(
    [
      `From: <${from.user}>`,
      `To: <${to.user}>`,
      'Date: Tue, 24 Nov 2026 10:00:00 +0000',
      `Message-ID: <${text}@client.test>`,
      'Subject: =?utf-8?Q?Buenos_d=C3=ADas?=',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      `¡Hola! ${text}`,
      '.a line that begins with a dot',
      '..and one with two',
      '.',
      'The end.',
      '',
    ].join('\r\n'),
  );

/** A message of any octets that its sender may hand in. */
const from = (user: User, bytes: Buffer) =>
  Buffer.concat([
    Buffer.from(
      `From: ${user.user}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <any@client.test>\r\n`,
    ),
    bytes,
  ]);

/** What each of the two servers put before the message: where it came from, and how. */
function assertTrace(
  trace: readonly string[],
  hops: { readonly last: string; readonly first: string; readonly sender: User },
) {
  const [returnPath, last, first, ...more] = trace;
  assert.equal(returnPath, `Return-Path: <${hops.sender.user}>`);
  assert.match(
    last ?? '',
    new RegExp(`^Received: from ${hops.first} \\(\\[127\\.0\\.0\\.1\\]\\) by ${hops.last} with ESMTPS `),
  );
  assert.match(
    first ?? '',
    new RegExp(`^Received: from client\\.test \\(\\[127\\.0\\.0\\.1\\]\\) by ${hops.first} with ESMTPSA `),
  );
  assert.deepEqual(more, []);
}

const toHotmail = { last: 'mx\\.hotmail\\.test', first: 'mx\\.gmail\\.test', sender: pepe };
const toGmail = { last: 'mx\\.gmail\\.test', first: 'mx\\.hotmail\\.test', sender: paco };

suite('from pepe at one Posta to paco at another', () => {
  test('a message comes byte for byte, by POP3 and by IMAP, and the answer comes back', async () => {
    const written = letter(pepe, paco, 'one');
    const id = await submit(postas.gmail, pepe, { to: [paco.user], message: written });
    const [stored] = await messagesOf(postas.hotmail, paco, 1);
    assert.ok(stored);
    assertTrace(traceBefore(stored, written), toHotmail);
    const [sent] = await untilOutbound(postas.gmail, id, [`${paco.user} sent 1`]);
    assert.match(sent?.last?.reply ?? '', /^250 2\.0\.0 OK: queued as \w+$/);

    const pop3 = nodePop3(postas.hotmail, paco, { tls: true });
    assert.deepEqual(await retrieveByNodePop3(pop3, 1), stored);
    await pop3.QUIT();
    const imap = await imapFlow(postas.hotmail, paco);
    await imap.mailboxOpen('INBOX');
    const [fetched] = await fetchedMessages(imap, 1);
    assert.deepEqual(fetched?.source, stored);
    await emptyMailbox(imap);
    await imap.logout();

    const answer = letter(paco, pepe, 'two');
    await submit(postas.hotmail, paco, { to: [pepe.user], message: answer });
    assertTrace(traceBefore(await takeMessage(postas.gmail, pepe), answer), toGmail);
  });

  test('messages of any octets and of any size come byte for byte', async () => {
    const written = [1_000, 70_000, 300_000, 3_000_000].map((size) => from(pepe, messageOf(size)));
    written.push(from(pepe, largeMessageOf(20 * 2 ** 20)));
    for (const message of written) await submit(postas.gmail, pepe, { to: [paco.user], message });
    const stored = await takeMessages(postas.hotmail, paco, written.length);
    const bySize = stored.toSorted((a, b) => a.length - b.length);
    for (const [at, message] of written.entries())
      assertTrace(traceBefore(bySize[at] ?? Buffer.of(), message), toHotmail);
  });

  test('a hundred at once come once each', async () => {
    const connectedBefore = connectionsTo(postas.hotmail);
    const names = Array.from({ length: 100 }, (_, at) => `many ${at}`);
    await Promise.all(
      Array.from({ length: 10 }, async (_, sender) => {
        for (const name of names.slice(sender * 10, sender * 10 + 10))
          await submit(postas.gmail, pepe, { to: [paco.user], message: letter(pepe, paco, name) });
      }),
    );
    const stored = await takeMessages(postas.hotmail, paco, names.length);
    const found = stored.map((message) => /¡Hola! (.*)\r\n/.exec(message.toString())?.[1]);
    assert.deepEqual(new Set(found), new Set(names));
    const connections = connectionsTo(postas.hotmail) - connectedBefore;
    assert.ok(connections > 0 && connections <= 20, `${connections} connections`);
  });

  test('a message for both goes to each once, though they are at different servers', async () => {
    const message = letter(pepe, paco, 'both');
    await submit(postas.gmail, pepe, { to: [paco.user, pepe.user], message });
    traceBefore(await takeMessage(postas.hotmail, paco), message);
    traceBefore(await takeMessage(postas.gmail, pepe), message);
  });

  test('what the other server refuses comes back as a notification, and nobody else is sent anything', async () => {
    const message = letter(pepe, paco, 'nobody');
    await submit(postas.gmail, pepe, { to: ['nobody@hotmail.test', paco.user], message });
    traceBefore(await takeMessage(postas.hotmail, paco), message);
    const notification = (await takeMessage(postas.gmail, pepe)).toString();
    assert.match(notification, /^Return-Path: <>\r\n/);
    assert.match(
      notification,
      /Final-Recipient: rfc822; nobody@hotmail\.test\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/,
    );
    assert.match(notification, /Diagnostic-Code: smtp; 550 5\.1\.1 /);
    assert.doesNotMatch(notification, /Final-Recipient: rfc822; paco@/);
  });

  test('an address that is not ASCII and a header in UTF-8 go over with SMTPUTF8', async () => {
    const josé: User = { user: 'josé@hotmail.test', password: 'jose-password' };
    await postas.hotmail.change((ports) =>
      addAccount(ports, { address: josé.user, password: new Secret(josé.password) }),
    );
    const message = Buffer.from(
      `From: ${pepe.user}\r\nTo: ${josé.user}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <utf8@client.test>\r\nSubject: mañana\r\n\r\nHola\r\n`,
    );
    using client = await greeted(postas.gmail.ports.submission);
    assert.match(await authenticate(client, pepe.user, pepe.password), /^235 /);
    const sending = { from: pepe.user, to: [josé.user], parameters: 'BODY=8BITMIME SMTPUTF8', message };
    assert.match(await sendByData(client, sending), /^250 /);
    const trace = traceBefore(await takeMessage(postas.hotmail, josé), message);
    assert.match(trace[1] ?? '', / with UTF8SMTPS .* for <jos\xc3\xa9@hotmail\.test>/);
  });
});

/** Connections that port 25 has taken since the server was started. */
function connectionsTo(posta: TestPosta): number {
  return posta.output.stderr
    .split('\n')
    .filter((line) => /"role":"mta".*"event":"smtp\.connected"/.test(line)).length;
}
