/** Users hand in mail with nodemailer on 587, 465 and 25: who may write as whom, with which password, and what is added. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { addAlias } from '../../mail/directory/change-alias.ts';
import { addCredential } from '../../mail/directory/change-credential.ts';
import { LineClient } from './line-client.ts';
import { logIn, takeMessage, traceBefore, type User } from './maildrop.ts';
import { TestPosta } from './posta.ts';
import { authenticate, greeted, sendByData } from './smtp-dialog.ts';

const pepe: User = { user: 'pepe@example.test', password: 'pepe-password' };
const paco: User = { user: 'paco@example.test', password: 'paco-password' };
const jose: User = { user: 'josé@example.test', password: 'jose-password' };

/** One for each test of passwords: they run at once, because refused logins are answered late. */
const passwordUsers = ['scanner', 'phone', 'changed', 'suspended', 'gone'].map((name) => ({
  user: `${name}@example.test`,
  password: `${name}-password`,
})) as [User, User, User, User, User];

let posta: TestPosta;
before(async () => {
  const users = [pepe, paco, jose, ...passwordUsers];
  posta = await TestPosta.start({
    accounts: Object.fromEntries(users.map(({ user, password }) => [user, password])),
  });
  await posta.change((ports) => addAlias(ports, { address: 'sales@example.test', targets: [pepe.user] }));
});
after(() => posta[Symbol.asyncDispose]());

interface Way {
  readonly port: number;
  readonly secure?: boolean;
  readonly ignoreTLS?: boolean;
  readonly tlsVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** null: without a password. */
  readonly login?: User | null;
}

function transport({ port, secure = false, ignoreTLS = false, tlsVersion, login = pepe }: Way) {
  return createTransport({
    host: '127.0.0.1',
    port,
    secure,
    ignoreTLS,
    requireTLS: !secure && !ignoreTLS,
    name: 'client.test',
    ...(login === null ? {} : { auth: { user: login.user, pass: login.password } }),
    tls: {
      rejectUnauthorized: false,
      ...(tlsVersion === undefined ? {} : { minVersion: tlsVersion, maxVersion: tlsVersion }),
    },
  });
}

interface Letter {
  readonly from?: string;
  readonly to?: string;
  readonly raw: string;
}

/** Sends `raw` as it is. */
async function send(way: Way, { from = pepe.user, to = paco.user, raw }: Letter): Promise<void> {
  const mailer = transport(way);
  try {
    await mailer.sendMail({ envelope: { from, to }, raw });
  } finally {
    mailer.close();
  }
}

const complete = [
  `From: Pepe <${pepe.user}>`,
  `To: ${paco.user}`,
  'Bcc: hidden@elsewhere.test',
  'Date: Tue, 24 Nov 2026 10:00:00 +0000',
  'Message-ID: <1@client.test>',
  'Subject: =?utf-8?Q?Buenos_d=C3=ADas?=',
  '',
  'Hello\r\n..\r\n.\r\n',
].join('\r\n');

/** What the server answered to the command that nodemailer failed at. */
async function refusal(sending: Promise<unknown>): Promise<{ command?: string; response?: string }> {
  const fault = await sending.then(
    () => assert.fail('it was accepted'),
    (error: unknown) => error as { command?: string; response?: string },
  );
  return fault;
}

suite('a message handed in', () => {
  const ways: readonly [string, () => Way, string][] = [
    ['on 587 with STARTTLS', () => ({ port: posta.ports.submission }), 'ESMTPSA (TLSv1.3)'],
    [
      'on 465 with TLS 1.3',
      () => ({ port: posta.ports.submissions, secure: true, tlsVersion: 'TLSv1.3' }),
      'ESMTPSA (TLSv1.3)',
    ],
    [
      'on 465 with TLS 1.2',
      () => ({ port: posta.ports.submissions, secure: true, tlsVersion: 'TLSv1.2' }),
      'ESMTPSA (TLSv1.2)',
    ],
    [
      'on 587 from this machine without TLS',
      () => ({ port: posta.ports.submission, ignoreTLS: true }),
      'ESMTPA',
    ],
    ['on 25 with STARTTLS', () => ({ port: posta.ports.smtp, login: null }), 'ESMTPS (TLSv1.3)'],
    ['on 25', () => ({ port: posta.ports.smtp, login: null, ignoreTLS: true }), 'ESMTP'],
  ];
  for (const [name, way, protocol] of ways)
    test(`${name} comes back byte for byte, and Received names its protocol`, async () => {
      await send(way(), { raw: complete });
      const [returnPath, received = '', ...more] = traceBefore(await takeMessage(posta, paco), complete);
      assert.equal(returnPath, `Return-Path: <${pepe.user}>`);
      assert.match(received, /^Received: from client\.test \(\[127\.0\.0\.1\]\) by /);
      assert.ok(received.includes(` with ${protocol} id `), received);
      assert.ok(received.includes(` for <${paco.user}>`), received);
      assert.deepEqual(more, []);
    });

  test('after HELO is received with SMTP', async () => {
    using client = await LineClient.connect(posta.ports.smtp);
    await client.reply();
    assert.match(await client.command('HELO client.test'), /^250 /);
    const sending = { from: pepe.user, to: [paco.user], message: complete };
    assert.match(await sendByData(client, sending), /^250 /);
    const [, received = ''] = traceBefore(await takeMessage(posta, paco), complete);
    assert.match(received, / with SMTP id /);
  });

  test('as nodemailer composes it arrives with its text and its attachment', async () => {
    const attachment = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 256));
    const mailer = transport({ port: posta.ports.submissions, secure: true });
    await mailer.sendMail({
      from: `Pepe <${pepe.user}>`,
      to: paco.user,
      subject: 'a picture',
      text: 'Look at this.',
      attachments: [{ filename: 'picture.bin', content: attachment }],
    });
    mailer.close();
    const message = (await takeMessage(posta, paco)).toString('latin1');
    assert.match(message, /\r\nSubject: a picture\r\n/);
    assert.match(message, /\r\n\r\nLook at this\.\r\n/);
    assert.ok(message.replaceAll('\r\n', '').includes(attachment.toString('base64')));
  });

  test('without Date and Message-ID gets them on 587, and not on 25', async () => {
    const bare = `From: ${pepe.user}\r\nSubject: bare\r\n\r\nHello\r\n`;
    await send({ port: posta.ports.submission }, { raw: bare });
    const [, , date = '', id = '', ...more] = traceBefore(await takeMessage(posta, paco), bare);
    assert.match(date, /^Date: \w{3}, \d{1,2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}$/);
    assert.match(id, /^Message-ID: <[^<>@\s]+@[^<>@\s]+>$/);
    assert.deepEqual(more, []);
    await send({ port: posta.ports.smtp, login: null }, { raw: bare });
    assert.equal(traceBefore(await takeMessage(posta, paco), bare).length, 2);
  });

  test('with an address in UTF-8 is received with UTF8SMTPSA', async () => {
    const raw = `From: José <${jose.user}>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <2@client.test>\r\n\r\nSí\r\n`;
    await send({ port: posta.ports.submission, login: jose }, { from: jose.user, to: jose.user, raw });
    const trace = traceBefore(await takeMessage(posta, jose), raw);
    const [returnPath, received = ''] = trace.map((line) => Buffer.from(line, 'latin1').toString());
    assert.equal(returnPath, `Return-Path: <${jose.user}>`);
    assert.match(received, / with UTF8SMTPSA \(/);
    assert.ok(received.includes(` for <${jose.user}>`), received);
  });

  test('with an address in UTF-8 but without SMTPUTF8 is refused', async () => {
    using client = await greeted(posta.ports.smtp);
    assert.match(await client.command(`MAIL FROM:<${jose.user}>`), /^553 5\.6\.7 /);
    assert.match(await client.command('MAIL FROM:<a@elsewhere.test>'), /^250 /);
    assert.match(await client.command(`RCPT TO:<${jose.user}>`), /^553 5\.6\.7 /);
  });
});

suite('the sender', () => {
  const letter = (from: string, more = '') => `From: ${from}\r\n${more}Subject: sender\r\n\r\nHello\r\n`;
  const submission = () => ({ port: posta.ports.submission });

  for (const own of [
    'pepe@example.test',
    'PEPE@Example.Test',
    'pepe+shop@example.test',
    'sales@example.test',
  ])
    test(`may be ${own}, which is pepe's own`, async () => {
      const raw = letter(own, `Sender: ${own}\r\n`);
      await send(submission(), { from: own, raw });
      assert.ok((await takeMessage(posta, paco)).includes(raw));
    });

  for (const other of [paco.user, 'nobody@example.test', 'pepe@elsewhere.test']) {
    test(`${other} is refused to pepe in MAIL`, async () => {
      const fault = await refusal(send(submission(), { from: other, raw: letter(pepe.user) }));
      assert.equal(fault.command, 'MAIL FROM');
      assert.match(fault.response ?? '', /^553 5\.7\.1 /);
    });

    test(`${other} is refused to pepe in From and in Sender`, async () => {
      const raws = [
        letter(other),
        letter(`${pepe.user}, ${other}`),
        letter(pepe.user, `Sender: ${other}\r\n`),
      ];
      for (const raw of raws) {
        const fault = await refusal(send(submission(), { raw }));
        assert.equal(fault.command, 'DATA');
        assert.match(fault.response ?? '', /^550 5\.7\.1 /);
      }
    });
  }

  test('is refused without a From field, and with two', async () => {
    for (const raw of ['Subject: nobody\r\n\r\nHello\r\n', letter(pepe.user, `From: ${pepe.user}\r\n`)]) {
      const fault = await refusal(send(submission(), { raw }));
      assert.match(fault.response ?? '', /^554 5\.6\.0 /);
    }
  });

  test('must authenticate on 587 and 465', async () => {
    for (const way of [submission(), { port: posta.ports.submissions, secure: true }]) {
      const fault = await refusal(send({ ...way, login: null }, { raw: complete }));
      assert.match(fault.response ?? '', /^530 5\.7\.0 /);
    }
  });

  test('with a wrong password is refused, and with an unknown name in the same words', async () => {
    const answers = [];
    for (const user of [pepe.user, 'nobody@example.test']) {
      const login = { user, password: 'not the password' };
      answers.push((await refusal(send({ ...submission(), login }, { raw: complete }))).response);
    }
    assert.match(answers[0] ?? '', /^535 5\.7\.8 /);
    assert.equal(answers[0], answers[1]);
  });
});

suite('a password', { concurrency: true }, () => {
  const [scanner, phone, changed, suspended, gone] = passwordUsers;

  async function appPassword({ user }: User, scope: 'send' | 'pop3'): Promise<User> {
    const { password } = await posta.change((ports) =>
      addCredential(ports, { address: user, name: 'app', scopes: [scope] }),
    );
    return { user, password: password.reveal() };
  }

  /** What AUTH on 587 is answered. */
  async function sendingAnswer(login: User): Promise<string> {
    using client = await greeted(posta.ports.submission);
    return await authenticate(client, login.user, login.password);
  }

  const readingRefused = (login: User) => assert.rejects(logIn(posta, login), /-ERR \[AUTH\]/);

  test('of an app with the scope `send` sends as its account, and does not read', async () => {
    const app = await appPassword(scanner, 'send');
    const raw = `From: ${scanner.user}\r\n\r\nscanned\r\n`;
    await send({ port: posta.ports.submission, login: app }, { from: app.user, to: app.user, raw });
    await readingRefused(app);
    assert.ok((await takeMessage(posta, scanner)).toString().endsWith(raw));
  });

  test('of an app with the scope `pop3` reads, and does not send, until it is removed', async () => {
    const app = await appPassword(phone, 'pop3');
    const live = await logIn(posta, app);
    assert.match(await sendingAnswer(app), /^535 5\.7\.8 /);
    await posta.run('credential', 'remove', app.user, 'app');
    assert.match(await live.rest(), /^-ERR \[AUTH\]/);
    await readingRefused(app);
    await (await logIn(posta, phone)).pop3('QUIT');
  });

  test('that is replaced ends live sessions, and is refused from then on', async () => {
    const reading = await logIn(posta, changed);
    using sending = await greeted(posta.ports.submission);
    assert.match(await authenticate(sending, changed.user, changed.password), /^235 /);
    await posta.run('account', 'password', changed.user, '--password', 'another-password');
    assert.match(await sendingAnswer(changed), /^535 5\.7\.8 /);
    assert.match(await reading.rest(), /^-ERR \[AUTH\]/);
    assert.match(await sending.rest(), /^421 4\.7\.0 /);
    await readingRefused(changed);
    await (await logIn(posta, { ...changed, password: 'another-password' })).pop3('QUIT');
  });

  test('of a suspended account is refused, as is its mail; its sessions end; and all is well after `resume`', async () => {
    const live = await logIn(posta, suspended);
    await posta.run('account', 'suspend', suspended.user);
    assert.match(await sendingAnswer(suspended), /^535 5\.7\.8 /);
    assert.match(await live.rest(), /^-ERR \[AUTH\]/);
    await readingRefused(suspended);
    using client = await greeted(posta.ports.smtp);
    assert.match(await client.command('MAIL FROM:<a@elsewhere.test>'), /^250 /);
    assert.match(await client.command(`RCPT TO:<${suspended.user}>`), /^550 5\.2\.1 /);
    await posta.run('account', 'resume', suspended.user);
    assert.match(await client.command(`RCPT TO:<${suspended.user}>`), /^250 /);
    await (await logIn(posta, suspended)).pop3('QUIT');
  });

  test('of a removed account is refused, its sessions end, and its address is unknown', async () => {
    const live = await logIn(posta, gone);
    await posta.run('account', 'remove', gone.user);
    assert.match(await sendingAnswer(gone), /^535 5\.7\.8 /);
    assert.match(await live.rest(), /^-ERR \[AUTH\]/);
    await readingRefused(gone);
    using client = await greeted(posta.ports.smtp);
    assert.match(await client.command('MAIL FROM:<a@elsewhere.test>'), /^250 /);
    assert.match(await client.command(`RCPT TO:<${gone.user}>`), /^550 5\.1\.1 /);
  });

  test('is not taken before TLS with --no-loopback-passwords', async () => {
    await using strict = await TestPosta.start({ args: ['--no-loopback-passwords'] });
    using smtp = await LineClient.connect(strict.ports.submission);
    await smtp.reply();
    assert.doesNotMatch(await smtp.command('EHLO client.test'), /^250[- ]AUTH/m);
    assert.match(await authenticate(smtp, pepe.user, pepe.password), /^538 5\.7\.11 /);
    assert.match(await smtp.command(`MAIL FROM:<${pepe.user}>`), /^530 5\.7\.0 /);
    assert.match(await smtp.command('STARTTLS'), /^220 /);
    await smtp.upgrade();
    assert.match(await smtp.command('EHLO client.test'), /^250[- ]AUTH PLAIN LOGIN$/m);
    assert.match(await authenticate(smtp, pepe.user, pepe.password), /^235 /);
    using pop3 = await LineClient.connect(strict.ports.pop3);
    await pop3.line();
    assert.doesNotMatch((await pop3.pop3Body('CAPA')).toString(), /^(?:USER|SASL)/m);
    await assert.rejects(pop3.pop3(`USER ${pepe.user}`), /-ERR \[AUTH\]/);
    await pop3.pop3('STLS');
    await pop3.upgrade();
    assert.match((await pop3.pop3Body('CAPA')).toString(), /^USER\r\nSASL PLAIN LOGIN\r$/m);
    await pop3.pop3(`USER ${pepe.user}`);
    await pop3.pop3(`PASS ${pepe.password}`);
  });
});
