import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smtpRegistry, stateTable } from '../../../mail/smtp/registry.ts';
import { Dialog, ready } from './dialog.ts';

const anyTime = ['EHLO', 'HELO', 'RSET', 'NOOP', 'QUIT', 'VRFY', 'EXPN', 'HELP'];

test('the table of states is that of RFC 5321 section 4.1.4', () => {
  const table = Object.fromEntries(
    [...stateTable(smtpRegistry)].map(([state, verbs]) => [state, new Set(verbs)]),
  );
  assert.deepEqual(table, {
    connected: new Set([...anyTime, 'STARTTLS']),
    greeted: new Set([...anyTime, 'STARTTLS', 'AUTH', 'MAIL']),
    sender: new Set([...anyTime, 'RCPT']),
    recipients: new Set([...anyTime, 'RCPT', 'DATA', 'BDAT']),
    chunks: new Set([...anyTime, 'BDAT']),
  });
});

test('every command and extension names its RFC, and HELP explains every command', async () => {
  const dialog = await ready();
  for (const command of smtpRegistry.commands.values()) {
    assert.ok(command.rfcs.length > 0);
    const said = await dialog.say(`HELP ${command.verb.toLowerCase()}`);
    assert.match(said, new RegExp(`^214-2\\.0\\.0 ${command.verb}.*\\r\\n214 2\\.0\\.0 ${command.purpose}$`));
  }
  for (const extension of smtpRegistry.extensions) assert.match(extension.rfcs.join(' '), /RFC \d+/);
});

/** EHLO's keywords on a connection of this kind. */
async function offered(settings: {
  readonly role: 'mta' | 'msa';
  readonly tls?: boolean;
  readonly loopback?: boolean;
  readonly tlsAvailable?: boolean;
}): Promise<readonly string[]> {
  const { tls = false, ...options } = settings;
  const dialog = new Dialog(options);
  await dialog.start(tls);
  const lines = (await dialog.say('EHLO client.example')).split('\r\n');
  return lines.slice(1).map((line) => line.slice(4));
}

const always = [
  'PIPELINING',
  'SIZE 52428800',
  '8BITMIME',
  'ENHANCEDSTATUSCODES',
  'SMTPUTF8',
  'CHUNKING',
  'DSN',
  'HELP',
];

test('EHLO offers STARTTLS until the connection is secured and where there is a certificate', async () => {
  assert.deepEqual(await offered({ role: 'mta' }), [...always.slice(0, 3), 'STARTTLS', ...always.slice(3)]);
  assert.deepEqual(await offered({ role: 'mta', tls: true }), always);
  assert.deepEqual(await offered({ role: 'mta', tlsAvailable: false }), always);
});

test('EHLO offers AUTH to users, over TLS or from this machine', async () => {
  const auth = 'AUTH PLAIN LOGIN';
  assert.ok((await offered({ role: 'msa', tls: true })).includes(auth));
  assert.ok((await offered({ role: 'msa', loopback: true })).includes(auth));
  assert.ok(!(await offered({ role: 'msa' })).includes(auth));
  assert.ok(!(await offered({ role: 'mta', tls: true })).includes(auth));
});
