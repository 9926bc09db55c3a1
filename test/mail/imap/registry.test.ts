import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { imapRegistry, stateTable } from '../../../mail/imap/registry.ts';
import { temporaryTable } from '../mailbox/mail-kit.ts';
import { ImapServer } from './imap-server.ts';

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

/** RFC 3501 section 6.1, and what extensions allow in any state. */
const inAnyState = ['CAPABILITY', 'ID', 'LOGOUT', 'NOOP'];
/** RFC 3501 sections 6.2, 6.3 and 6.4, with the extensions' own. */
const beforeLogin = ['AUTHENTICATE', 'LOGIN', 'STARTTLS'];
const afterLogin = [
  ...['APPEND', 'CREATE', 'DELETE', 'ENABLE', 'EXAMINE', 'IDLE', 'LIST', 'LSUB', 'NAMESPACE'],
  ...['RENAME', 'SELECT', 'STATUS', 'SUBSCRIBE', 'UNSUBSCRIBE'],
];
const withMailbox = [
  ...['CHECK', 'CLOSE', 'COPY', 'EXPUNGE', 'FETCH', 'MOVE', 'SEARCH', 'STORE', 'UNSELECT'],
  ...['UID COPY', 'UID EXPUNGE', 'UID FETCH', 'UID MOVE', 'UID SEARCH', 'UID STORE'],
];

test('the table of states is that of RFC 3501 and of the extensions', () => {
  const states = stateTable(imapRegistry);
  const sorted = (state: 'notAuthenticated' | 'authenticated' | 'selected') => states.get(state)?.toSorted();
  assert.deepEqual(sorted('notAuthenticated'), [...inAnyState, ...beforeLogin].toSorted());
  assert.deepEqual(sorted('authenticated'), [...inAnyState, ...afterLogin].toSorted());
  assert.deepEqual(sorted('selected'), [...inAnyState, ...afterLogin, ...withMailbox].toSorted());
});

test('each command, extension and part of a command has its own name and its RFC', () => {
  for (const { name, rfcs } of imapRegistry.commands.values()) {
    assert.match(name, /^(?:UID )?[A-Z]+$/);
    assert.ok(rfcs.length > 0 && rfcs.every((rfc) => /^RFC \d+(?: sections? \d|$)/.test(rfc)), name);
  }
  for (const { name, rfcs } of imapRegistry.extensions) assert.ok(rfcs.length > 0, name);
  const { dataItems, fetchModifiers, storeModifiers, searchKeys, selectParameters, statusItems } =
    imapRegistry;
  for (const parts of [dataItems, fetchModifiers, storeModifiers, searchKeys, selectParameters, statusItems])
    for (const [name, part] of parts) {
      assert.match(name, /^[A-Z][A-Z0-9.]*$/);
      assert.equal(part.name, name);
      assert.ok(part.rfcs.every((rfc) => /^RFC \d+/.test(rfc)) && part.rfcs.length > 0, name);
    }
});

test('during FETCH, STORE and SEARCH no EXPUNGE is told, and UID commands are none of these', () => {
  const careful = [...imapRegistry.commands.values()].filter(({ tells }) => tells === 'noExpunge');
  assert.deepEqual(careful.map(({ name }) => name).toSorted(), ['FETCH', 'SEARCH', 'STORE']);
});

/** The words of CAPABILITY. */
const words = (line: string | undefined) => /CAPABILITY ([^\]]*)/.exec(line ?? '')?.[1]?.split(' ');

const always = [
  ...['ID', 'ENABLE', 'IDLE', 'NAMESPACE', 'CHILDREN', 'SPECIAL-USE', 'CREATE-SPECIAL-USE', 'UNSELECT'],
  ...['UIDPLUS', 'MOVE', 'ESEARCH', 'CONDSTORE'],
];

for (const [where, connection, own] of [
  ['from afar', [], ['LITERAL+', 'SASL-IR', 'STARTTLS', 'LOGINDISABLED']],
  ['on this machine', ['loopback'], ['LITERAL+', 'SASL-IR', 'STARTTLS', 'AUTH=PLAIN', 'AUTH=LOGIN']],
  ['over TLS', ['tls'], ['LITERAL+', 'SASL-IR', 'AUTH=PLAIN', 'AUTH=LOGIN']],
  ['after login', ['tls', 'as=paco'], ['LITERAL+']],
  ['with a mailbox selected', ['tls', 'as=paco', 'in=INBOX'], ['LITERAL+']],
] as const)
  test(`CAPABILITY has each word once, in the order of the extensions: ${where}`, async () => {
    const server = await ImapServer.open({ table });
    const session = await server.session(...connection.filter((word) => !word.includes('=')));
    const [greeting] = session.said();
    await server.begin(session.recorded, connection);
    session.said();
    const [capability] = await session.say('a1 CAPABILITY');
    assert.deepEqual(words(capability), ['IMAP4rev1', ...own, ...always]);
    if (!connection.some((word) => word.includes('='))) assert.deepEqual(words(greeting), words(capability));
    await session.recorded.close();
    await server.finish();
  });
