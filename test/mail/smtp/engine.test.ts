import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dialog, ready } from './dialog.ts';
import { FakeHost } from './fake-host.ts';

const plain = (user: string, password: string) => Buffer.from(`\0${user}\0${password}`).toString('base64');

test('a pipelined group is answered in order, and nothing sends its replies before the end', async () => {
  const dialog = new Dialog();
  await dialog.start();
  await dialog.engine.receive(
    Buffer.from(
      'EHLO client.example\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<paco@example.test>\r\n' +
        'RCPT TO:<nobody@example.test>\r\nDATA\r\n',
    ),
  );
  assert.equal(dialog.output.waits, 0);
  assert.match(dialog.said(), /250 HELP\r\n250 2.1.0 .*\r\n250 2.1.5 .*\r\n550 5.1.1 .*\r\n354 .*\r\n$/);
});

test('a message reaches the host with its envelope, byte for byte and without the stuffed dots', async () => {
  const dialog = await ready();
  await dialog.envelope();
  await dialog.say('DATA');
  const reply = await dialog.say('Subject: dots', '', '..', '..a', 'b..', '.');
  assert.equal(reply, '250 2.0.0 OK: queued as m1');
  const [message] = dialog.host.received;
  assert.ok(message);
  assert.equal(message.bytes.toString(), 'Subject: dots\r\n\r\n.\r\n.a\r\nb..\r\n');
  assert.deepEqual(FakeHost.envelopeOf(message), { from: 'pepe@example.org', to: ['paco@example.test'] });
  assert.equal(message.envelope.body, '7BIT');
  assert.equal(message.client.helo, 'client.example');
  assert.equal(message.client.extended, true);
});

test('MAIL’s parameters are in the envelope', async () => {
  const dialog = await ready();
  await dialog.say(
    'MAIL FROM:<jöran@bücher.example> SIZE=100 BODY=8BITMIME SMTPUTF8',
    'RCPT TO:<paco@example.test>',
    'DATA',
    'x',
    '.',
  );
  const envelope = dialog.host.received[0]?.envelope;
  assert.equal(envelope?.body, '8BITMIME');
  assert.equal(envelope?.smtpUtf8, true);
  assert.equal(envelope?.declaredBytes, 100);
  assert.equal(envelope?.reversePath?.localPart, 'jöran');
});

test('a recipient given twice gets the message once', async () => {
  const dialog = await ready();
  await dialog.say(
    'MAIL FROM:<>',
    'RCPT TO:<paco@example.test>',
    'RCPT TO:<PACO@Example.Test>',
    'DATA',
    'x',
    '.',
  );
  assert.equal(dialog.host.received[0]?.envelope.recipients.length, 1);
});

test('chunks make one message, and a chunk may hold what looks like commands', async () => {
  const dialog = await ready();
  await dialog.envelope();
  assert.equal(
    await dialog.send('BDAT 8\r\nRSET\r\n.\rBDAT 6 LAST\r\n\nQUIT\r'.replace('QUIT\r', 'QUI\r\n')),
    '250 2.0.0 8 octets received\r\n250 2.0.0 OK: queued as m1\r\n',
  );
  assert.equal(dialog.host.received[0]?.bytes.toString(), 'RSET\r\n.\r\nQUI\r\n');
});

test('a chunk that is refused is read all the same', async () => {
  const dialog = await ready();
  assert.match(await dialog.send('BDAT 6\r\nQUIT\r\nNOOP\r\n'), /^503 5\.5\.1 .*\r\n250 2\.0\.0 OK\r\n$/);
});

test('a message larger than the limit is read to its end, dropped, and refused', async () => {
  const dialog = await ready({ limits: { messageBytes: 100 } });
  await dialog.envelope();
  await dialog.say('DATA');
  assert.equal(await dialog.say('x'.repeat(90), 'y'.repeat(90)), '');
  assert.equal(dialog.host.aborted, 1);
  assert.match(await dialog.say('QUIT', '.'), /^552 5\.3\.4 /);
  assert.equal(dialog.host.received.length, 0);
  assert.equal(await dialog.say('NOOP'), '250 2.0.0 OK');
});

test('a chunk that makes the message too large ends the transaction once it is read', async () => {
  const dialog = await ready({ limits: { messageBytes: 10 } });
  await dialog.envelope();
  assert.match(
    await dialog.send('BDAT 6\r\nabcd\r\nBDAT 6\r\nQUIT\r\nBDAT 2 LAST\r\n\r\nNOOP\r\n'),
    /^250 .*\r\n552 5\.3\.4 .*\r\n503 5\.5\.1 .*\r\n250 2\.0\.0 OK\r\n$/,
  );
  assert.equal(dialog.host.open, 0);
});

test('a chunk that nobody would read to its end ends the session', async () => {
  for (const begin of [[], ['MAIL FROM:<>', 'RCPT TO:<paco@example.test>']]) {
    const dialog = await ready({ limits: { messageBytes: 100 } });
    await dialog.say(...begin);
    const refusal = begin.length === 0 ? '503 5\\.5\\.1' : '552 5\\.3\\.4';
    assert.match(
      await dialog.say('BDAT 201', 'QUIT'),
      new RegExp(`^${refusal} .*\r\n421 4\\.7\\.0 [^\r\n]*$`),
    );
    assert.deepEqual([dialog.output.ended, dialog.host.open], [true, 0]);
  }
});

test('refused chunks are read up to twice a message’s octets in a session', async () => {
  const dialog = await ready({ limits: { messageBytes: 100 } });
  const chunk = `BDAT 80\r\n${'x'.repeat(80)}`;
  assert.match(await dialog.send(`${chunk}${chunk}`), /^503 .*\r\n503 [^\r\n]*\r\n$/);
  assert.match(await dialog.send(chunk), /^503 .*\r\n421 4\.7\.0 [^\r\n]*\r\n$/);
  assert.equal(dialog.output.ended, true);
});

test('a refused chunk that drips is cut off', async () => {
  const dialog = await ready({ limits: { messageMs: 60_000 } });
  assert.equal(await dialog.say('BDAT 100', 'x'), '');
  dialog.clock.time += 60_001;
  assert.match(await dialog.send('x'), /^421 4\.4\.2 /);
  assert.equal(dialog.output.ended, true);
});

test('a refused message that drips is cut off', async () => {
  for (const begin of ['DATA', 'BDAT 100000']) {
    const dialog = await ready({ limits: { messageMs: 60_000, messageBytes: 100_000 } });
    await dialog.envelope();
    await dialog.say(begin, 'a bare\nline feed');
    assert.equal(dialog.host.aborted, 1, 'it is refused already');
    dialog.clock.time += 60_001;
    assert.match(await dialog.send('x'), /^421 4\.4\.2 /);
    assert.equal(dialog.output.ended, true);
  }
});

test('each method of the host that throws becomes 451, one log line and one metric, and the session goes on', async () => {
  for (const faulty of ['checkSender', 'checkRecipient', 'begin', 'write', 'finish'] as const) {
    const dialog = await ready();
    dialog.host.faulty = faulty;
    const said = await dialog.say('MAIL FROM:<>', 'RCPT TO:<paco@example.test>', 'BDAT 6 LAST', 'noop');
    assert.match(said, /^451 4\.3\.0 Temporary fault/m, faulty);
    assert.equal(dialog.log.of('smtp.fault').length, 1, faulty);
    assert.equal(dialog.metrics.filter((name) => name.startsWith('smtp.faults ')).length, 1, faulty);
    assert.equal(dialog.host.open, 0, faulty);
    dialog.host.faulty = undefined;
    await dialog.envelope();
    assert.match(await dialog.say('DATA', 'x', '.'), /^354 .*\r\n250 /, faulty);
  }
});

test('a fault in the middle of DATA is told at its end', async () => {
  const dialog = await ready();
  await dialog.envelope();
  await dialog.say('DATA');
  dialog.host.faulty = 'write';
  assert.equal(await dialog.say('x', 'QUIT'), '');
  assert.match(await dialog.say('more', '.'), /^451 4\.3\.0 /);
  assert.equal(dialog.host.open, 0);
});

test('a host that refuses at the end of the data is answered through the table', async () => {
  for (const [finish, reply] of [
    [{ kind: 'tooManyHops' }, /^554 5\.4\.6 /],
    [{ kind: 'badMessage', detail: 'no From field' }, /^554 5\.6\.0 Message refused: no From field$/],
    [{ kind: 'fromNotOwn' }, /^550 5\.7\.1 /],
    [{ kind: 'policy', detail: 'a\r\nb' }, /^550 5\.7\.1 Refused by policy: a\?\?b$/],
    [{ kind: 'mailboxFull', permanent: false }, /^452 4\.2\.2 /],
    [{ kind: 'tooLarge' }, /^552 5\.3\.4 /],
    [{ kind: 'storageFull' }, /^452 4\.3\.1 /],
  ] as const) {
    const dialog = await ready();
    dialog.host.refuseAt = { finish };
    await dialog.envelope();
    assert.match(await dialog.say('BDAT 0 LAST'), reply);
    assert.ok(dialog.metrics.includes(`smtp.refused mta ${finish.kind}`));
  }
});

test('a host that refuses to begin is answered instead of 354, and the transaction is over', async () => {
  const dialog = await ready();
  dialog.host.refuseAt = { begin: { kind: 'storageFull' } };
  await dialog.envelope();
  assert.match(await dialog.say('DATA'), /^452 4\.3\.1 /);
  assert.match(await dialog.say('DATA'), /^503 5\.5\.1 /);
});

test('bytes that were sent behind STARTTLS count for nothing, and neither does EHLO', async () => {
  const dialog = await ready();
  assert.equal(
    await dialog.say('STARTTLS', 'EHLO evil.example', 'MAIL FROM:<evil@example.org>'),
    '220 2.0.0 Ready to start TLS',
  );
  assert.equal(dialog.output.handshakes, 1);
  assert.match(await dialog.say('MAIL FROM:<a@example.org>'), /^503 5\.5\.1 Say EHLO first/);
  assert.doesNotMatch(await dialog.say('EHLO client.example'), /STARTTLS/);
});

test('a message that is coming in is finished before the server leaves, and none is begun', async () => {
  for (const [begun, rest, answers] of [
    [['DATA', 'x'], ['y', '.', 'MAIL FROM:<>'], /^250 2\.0\.0 OK: queued as m1\r\n421 4\.3\.2 [^\r\n]*$/],
    [['BDAT 3', 'x'], ['BDAT 3 LAST', 'y', 'NOOP'], /^250 2\.0\.0 OK: queued as m1\r\n421 4\.3\.2 [^\r\n]*$/],
  ] as const) {
    const dialog = await ready();
    await dialog.envelope();
    await dialog.say(...begun);
    dialog.engine.leave('shutdown');
    assert.equal(dialog.said(), '');
    assert.match(await dialog.say(...rest), answers);
    assert.equal(dialog.output.ended, true);
  }
});

test('without a message coming in the server leaves at once', async () => {
  const started = async () => {
    const dialog = new Dialog();
    await dialog.start();
    return dialog;
  };
  const enveloped = async () => {
    const dialog = await ready();
    await dialog.envelope();
    return dialog;
  };
  const refused = async () => {
    const dialog = await ready();
    await dialog.say('BDAT 100', 'x');
    return dialog;
  };
  for (const begin of [started, ready, enveloped, refused]) {
    const dialog = await begin();
    dialog.said();
    dialog.engine.leave('shutdown');
    assert.match(dialog.said(), /^421 4\.3\.2 /);
    assert.equal(dialog.output.ended, true);
  }
});

test('a command under way is answered before the server leaves', async () => {
  const dialog = await ready();
  await dialog.envelope();
  const gate = Promise.withResolvers<void>();
  dialog.host.gate = gate.promise;
  const receiving = dialog.engine.receive(Buffer.from('BDAT 3 LAST\r\nx\r\nNOOP\r\n'));
  await dialog.settle();
  dialog.engine.leave('shutdown');
  assert.equal(dialog.said(), '');
  gate.resolve();
  await receiving;
  assert.match(dialog.said(), /^250 2\.0\.0 OK: queued as m1\r\n421 4\.3\.2 [^\r\n]*\r\n$/);
});

test('who is asked to leave a second time leaves in the middle of a message', async () => {
  for (const begin of ['DATA', 'BDAT 100']) {
    const dialog = await ready();
    await dialog.envelope();
    await dialog.say(begin, 'half a');
    dialog.engine.leave('shutdown');
    assert.equal(dialog.said(), '');
    dialog.engine.leave('shutdown');
    assert.match(dialog.said(), /^421 4\.3\.2 /);
    assert.equal(dialog.output.ended, true);
    await dialog.engine.closed();
    assert.deepEqual([dialog.host.open, dialog.host.received.length], [0, 0]);
  }
});

test('who loses access loses the message that was begun', async () => {
  const dialog = await ready({ role: 'msa' });
  await dialog.say('MAIL FROM:<pepe@example.test>', 'RCPT TO:<paco@example.test>', 'DATA', 'x');
  dialog.engine.leave('access');
  assert.match(dialog.said(), /^421 4\.7\.0 /);
  await dialog.engine.closed();
  assert.equal(dialog.host.open, 0);
  assert.equal(dialog.host.received.length, 0);
});

test('who loses access while a command runs leaves after it, whatever else is asked for', async () => {
  const dialog = await ready({ role: 'msa' });
  await dialog.say('MAIL FROM:<pepe@example.test>', 'RCPT TO:<paco@example.test>', 'DATA');
  let open = () => {};
  dialog.host.gate = new Promise((resolve) => (open = resolve));
  const receiving = dialog.engine.receive(Buffer.from('half a'));
  await dialog.settle();
  dialog.engine.leave('access');
  dialog.engine.leave('shutdown');
  assert.equal(dialog.said(), '');
  open();
  await receiving;
  assert.match(dialog.said(), /^421 4\.7\.0 /);
  await dialog.engine.closed();
  assert.equal(dialog.host.open, 0);
});

test('an idle client is told 421 4.4.2', async () => {
  const dialog = await ready();
  dialog.engine.idle();
  assert.match(dialog.said(), /^421 4\.4\.2 /);
  assert.equal(await dialog.say('NOOP'), '');
});

test('a connection that ends in the middle of a message leaves nothing behind', async () => {
  for (const begin of ['DATA', 'BDAT 100']) {
    const dialog = await ready();
    await dialog.envelope();
    await dialog.say(begin, 'half a');
    assert.equal(dialog.host.open, 1);
    await dialog.engine.closed();
    assert.equal(dialog.host.open, 0);
    assert.equal(dialog.host.aborted, 1);
  }
});

test('a connection that ends while the host is at work waits for it, and the message is stored whole or not at all', async () => {
  for (const [sent, stored] of [
    ['half a', 0],
    ['whole\r\n.\r\n', 1],
  ] as const) {
    const dialog = await ready();
    await dialog.envelope();
    await dialog.say('DATA');
    let open = () => {};
    dialog.host.gate = new Promise((resolve) => (open = resolve));
    const receiving = dialog.engine.receive(Buffer.from(sent));
    await dialog.settle();
    const closing = dialog.engine.closed();
    await dialog.settle();
    assert.equal(dialog.host.aborted, 0, 'the host is not called while it works');
    open();
    await Promise.all([receiving, closing]);
    assert.equal(dialog.host.open, 0);
    assert.equal(dialog.host.received.length, stored);
    assert.equal(dialog.log.of('smtp.fault').length, 0);
  }
});

test('a connection that ends while replies wait ends the session without a fault', async () => {
  const dialog = await ready({ limits: { badCommands: 9_999 } });
  dialog.output.gone = true;
  await dialog.say(...Array.from({ length: 1_000 }, () => 'X'));
  assert.ok(dialog.said().length < 20_000);
  await dialog.engine.closed();
  assert.equal(dialog.log.of('smtp.fault').length, 0);
  assert.equal(dialog.log.of('smtp.closed').length, 1);
});

test('a handshake that fails ends the session without a fault', async () => {
  const dialog = await ready();
  dialog.output.gone = true;
  await dialog.say('STARTTLS');
  await dialog.engine.closed();
  assert.equal(dialog.log.of('smtp.fault').length, 0);
});

test('a client that drips a message is cut off', async () => {
  const dialog = await ready({ limits: { messageMs: 60_000 } });
  await dialog.envelope();
  await dialog.say('DATA', 'x');
  dialog.clock.time += 60_001;
  assert.match(await dialog.say('x'), /^421 4\.4\.2 /);
  assert.equal(dialog.host.open, 0);
});

test('commands that send nothing are limited, and a message starts the count anew', async () => {
  const dialog = await ready({ limits: { idleCommands: 5 } });
  for (let round = 0; round < 3; round++) {
    await dialog.envelope();
    assert.match(await dialog.say('BDAT 0 LAST'), /^250 /);
  }
  const said = await dialog.say(...Array.from({ length: 6 }, () => 'NOOP'));
  assert.match(said, /^(250 2\.0\.0 OK\r\n){5}421 4\.7\.0 [^\r\n]*$/);
});

test('recipients are not counted as commands that send nothing, also where the message is refused', async () => {
  const dialog = await ready({ limits: { idleCommands: 5 } });
  dialog.host.refuseAt = { finish: { kind: 'tooLarge' } };
  const rcpts = Array.from({ length: 20 }, (_, index) => `RCPT TO:<a${index}@example.test>`);
  assert.match(
    await dialog.say('MAIL FROM:<>', ...rcpts, 'BDAT 0 LAST', 'NOOP'),
    /552 5\.3\.4 .*\r\n250 2\.0\.0 OK$/,
  );
});

test('bad commands are limited', async () => {
  const dialog = await ready({ limits: { badCommands: 3 } });
  assert.match(
    await dialog.say('GET / HTTP/1.1', 'Host: x', 'DATA'),
    /^500 .*\r\n500 .*\r\n503 .*\r\n421 4\.7\.0 [^\r\n]*$/,
  );
  assert.equal(dialog.output.ended, true);
});

test('DATA pipelined behind recipients that are all refused is no bad command (RFC 2920)', async () => {
  const dialog = await ready({ limits: { badCommands: 3 } });
  const refused = ['MAIL FROM:<>', 'RCPT TO:<nobody@example.test>', 'DATA', 'RSET'];
  const said = await dialog.say(...refused, ...refused, ...refused, ...refused);
  assert.equal(said.match(/^503 5\.5\.1 RCPT first/gm)?.length, 4);
  assert.equal(dialog.output.ended, false);
});

test('who tries names meets pauses, then the end of the session', async () => {
  const dialog = await ready({
    limits: { refusedRecipientsFree: 2, refusedRecipientPauseMs: 700, refusedRecipients: 5 },
  });
  await dialog.say('MAIL FROM:<>');
  const said = await dialog.say(...Array.from({ length: 6 }, () => 'RCPT TO:<nobody@example.test>'));
  assert.match(said, /^(550 5\.1\.1 .*\r\n){5}421 4\.7\.0 [^\r\n]*$/);
  assert.deepEqual(dialog.clock.slept, [700, 700]);
});

test('stale addresses among more good ones do not end the session', async () => {
  const dialog = await ready({ limits: { refusedRecipientsFree: 9, refusedRecipients: 2 } });
  await dialog.say('MAIL FROM:<>', ...['a', 'b', 'c', 'd'].map((name) => `RCPT TO:<${name}@example.test>`));
  const said = await dialog.say(...Array.from({ length: 5 }, () => 'RCPT TO:<nobody@example.test>'));
  assert.match(said, /^(550 5\.1\.1 .*\r\n){5}421/);
});

test('the recipients of a message are limited, and those before the limit get it', async () => {
  const dialog = await ready({ limits: { recipients: 2 } });
  const said = await dialog.say(
    'MAIL FROM:<>',
    ...['a', 'b', 'c'].map((name) => `RCPT TO:<${name}@example.test>`),
    'BDAT 0 LAST',
  );
  assert.match(said, /^250 .*\r\n250 .*\r\n250 .*\r\n452 4\.5\.3 .*\r\n250 /);
  assert.equal(dialog.host.received[0]?.envelope.recipients.length, 2);
});

test('messages in one session are limited', async () => {
  const dialog = await ready({ limits: { transactions: 1 } });
  await dialog.envelope();
  assert.match(await dialog.say('BDAT 0 LAST', 'MAIL FROM:<>'), /^250 .*\r\n421 4\.7\.0 /);
});

test('failed attempts to authenticate are limited', async () => {
  const dialog = new Dialog({ role: 'msa' });
  await dialog.start(true);
  await dialog.say('EHLO client.example');
  const wrong = `AUTH PLAIN ${plain('pepe@example.test', 'wrong')}`;
  assert.match(await dialog.say(wrong, wrong, wrong), /^(535 5\.7\.8 .*\r\n){3}421 4\.7\.0 /);
});

test('an authenticator that fails or is throttled is temporary', async () => {
  const dialog = new Dialog({ role: 'msa' });
  await dialog.start(true);
  await dialog.say('EHLO client.example');
  assert.match(await dialog.say(`AUTH PLAIN ${plain('fault@example.test', 'x')}`), /^454 4\.7\.0 /);
  assert.equal(dialog.log.of('smtp.fault').length, 1);
  assert.match(
    await dialog.say(`AUTH PLAIN ${plain('throttled@example.test', 'x')}`),
    /^454 4\.7\.0 .*30 seconds$/,
  );
});

test('a line of an AUTH exchange may have 12,288 octets, a command 2,048', async () => {
  const dialog = new Dialog({ role: 'msa' });
  await dialog.start(true);
  await dialog.say('EHLO client.example');
  assert.match(await dialog.say(`AUTH PLAIN ${'A'.repeat(12_000)}`), /^(501|535) /);
  assert.match(await dialog.say('AUTH PLAIN', 'A'.repeat(12_288)), /^334 .*\r\n500 5\.5\.6 /);
  assert.match(await dialog.say(`NOOP ${'A'.repeat(2_041)}`), /^250 /);
  assert.match(await dialog.say(`NOOP ${'A'.repeat(2_042)}`), /^500 5\.5\.2 Line too long/);
  assert.equal(await dialog.say('NOOP'), '250 2.0.0 OK');
});

test('on 587 without TLS neither mail nor a password is taken', async () => {
  const dialog = new Dialog({ role: 'msa' });
  await dialog.start();
  assert.doesNotMatch(await dialog.say('EHLO client.example'), /AUTH/);
  assert.match(await dialog.say('MAIL FROM:<pepe@example.test>'), /^530 5\.7\.0 Must issue a STARTTLS/);
  assert.match(await dialog.say(`AUTH PLAIN ${plain('pepe@example.test', 'secret')}`), /^538 5\.7\.11 /);
});

test('a client on this machine may send its password without TLS, unless that is forbidden', async () => {
  const allowed = new Dialog({ role: 'msa', loopback: true });
  await allowed.start();
  assert.match(await allowed.say('EHLO client.example'), /AUTH PLAIN LOGIN/);
  assert.match(await allowed.say(`AUTH PLAIN ${plain('pepe@example.test', 'secret')}`), /^235 /);
  const forbidden = new Dialog({ role: 'msa', loopback: true, loopbackPasswords: false });
  await forbidden.start();
  assert.doesNotMatch(await forbidden.say('EHLO client.example'), /AUTH/);
});

test('neither passwords nor content reach the log', async () => {
  const dialog = await ready({ role: 'msa' });
  await dialog.say(
    'MAIL FROM:<pepe@example.test>',
    'RCPT TO:<paco@example.test>',
    'DATA',
    'Subject: hidden',
    '.',
  );
  await dialog.say(`AUTH PLAIN ${plain('pepe@example.test', 'secret')}`, 'QUIT');
  for (const word of ['secret', 'hidden', plain('pepe@example.test', 'secret')])
    assert.equal(dialog.log.text.includes(word), false);
});

test('a session and its message are in the log and the metrics with their ids', async () => {
  const dialog = await ready();
  await dialog.envelope();
  await dialog.say('DATA', 'x', '.', 'MAIL FROM:<', 'QUIT');
  assert.deepEqual(dialog.log.of('smtp.accepted'), [
    {
      session: 's1',
      role: 'mta',
      from: 'pepe@example.org',
      messageId: 'm1',
      account: undefined,
      recipients: 1,
      bytes: 3,
      ms: 0,
    },
  ]);
  assert.deepEqual(dialog.log.of('smtp.closed'), [
    { session: 's1', role: 'mta', why: 'quit', accepted: 1, refused: 1, ms: 0 },
  ]);
  assert.deepEqual(dialog.metrics, ['smtp.sessions mta', 'smtp.accepted mta', 'smtp.refused mta syntax']);
});

test('the idle time-out follows the state', async () => {
  const dialog = await ready({ limits: { commandIdleMs: 1, dataIdleMs: 2 } });
  assert.equal(dialog.output.idleMs, 1);
  await dialog.envelope();
  await dialog.say('DATA');
  assert.equal(dialog.output.idleMs, 2);
  await dialog.say('.');
  assert.equal(dialog.output.idleMs, 1);
});

test('the engine says whose account has logged in, until TLS begins anew', async () => {
  const dialog = await ready({ role: 'msa' });
  assert.equal(dialog.engine.principal?.accountId, 'a1');
  const clear = new Dialog({ role: 'msa', loopback: true });
  await clear.start();
  await clear.say('EHLO client.example', `AUTH PLAIN ${plain('pepe@example.test', 'secret')}`);
  assert.equal(clear.engine.principal?.accountId, 'a1');
  await clear.say('STARTTLS');
  assert.equal(clear.engine.principal?.accountId, undefined);
});
