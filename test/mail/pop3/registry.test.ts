import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pop3Registry, stateTable } from '../../../mail/pop3/registry.ts';

test('the table of states is that of RFC 1939, 2449, 2595, 5034 and 6856', () => {
  const table = stateTable(pop3Registry);
  assert.deepEqual(table.get('authorization')?.toSorted(), [
    'AUTH',
    'CAPA',
    'LANG',
    'PASS',
    'QUIT',
    'STLS',
    'USER',
    'UTF8',
  ]);
  assert.deepEqual(table.get('transaction')?.toSorted(), [
    'CAPA',
    'DELE',
    'LANG',
    'LIST',
    'NOOP',
    'QUIT',
    'RETR',
    'RSET',
    'STAT',
    'TOP',
    'UIDL',
  ]);
});

test('each command and capability names its RFC, and no verb is there twice', () => {
  for (const { verb, rfcs } of pop3Registry.commands.values()) {
    assert.match(verb, /^[A-Z0-9]{3,4}$/);
    assert.ok(rfcs.length > 0 && rfcs.every((rfc) => /^RFC \d+ section/.test(rfc)), verb);
  }
  const announced = pop3Registry.capabilities.flatMap(({ commands = [] }) => commands);
  assert.equal(new Set(announced).size, announced.length);
});
