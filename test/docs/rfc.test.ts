/** docs/rfc.md is true: what is registered has its line, what is done names a test that exists. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { imapRegistry } from '../../mail/imap/registry.ts';
import { pop3Registry } from '../../mail/pop3/registry.ts';
import { smtpRegistry } from '../../mail/smtp/registry.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/rfc.md'), 'utf8');

interface Line {
  readonly rfc: string;
  readonly state: string;
  /** `SMTP EHLO`. */
  readonly names: readonly string[];
  readonly remarks: string;
  readonly test: string;
}

const lines: readonly Line[] = page
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const [, rfc = '', , state = '', registered = '', remarks = '', file = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    const protocol = registered.split(' ')[0] ?? '';
    const names = [...registered.matchAll(/`([^`]+)`/g)].map(([, name]) => `${protocol} ${name}`);
    return { rfc, state, names, remarks, test: file };
  });

test('each registered command and capability has its line in docs/rfc.md, and no other is named', () => {
  const registered = new Set([
    ...[...smtpRegistry.commands.keys(), ...smtpRegistry.extensions.map(({ name }) => name)].map(
      (name) => `SMTP ${name}`,
    ),
    ...[...imapRegistry.commands.keys(), ...imapRegistry.extensions.map(({ name }) => name)].map(
      (name) => `IMAP ${name}`,
    ),
    ...[...pop3Registry.commands.keys(), ...pop3Registry.capabilities.map(({ name }) => name)].map(
      (name) => `POP3 ${name}`,
    ),
  ]);
  assert.deepEqual(lines.flatMap(({ names }) => names).toSorted(), [...registered].toSorted());
});

test('each line is done, partly or not; what is missing is said', () => {
  for (const { rfc, state, remarks } of lines) {
    assert.ok(['done', 'partly', 'not'].includes(state), `${rfc} is ${state}`);
    if (state === 'partly') assert.notEqual(remarks, '', `${rfc} is partly done: what is missing?`);
  }
});

test('each "done" and "partly" names a test file that exists', () => {
  for (const { rfc, state, test: file } of lines)
    if (state !== 'not') assert.ok(existsSync(join(root, file)) && file !== '', `${rfc} names ${file}`);
});
