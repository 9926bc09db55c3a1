import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oddities, type Oddity } from '../../../mail/smtp/oddities.ts';
import { ready } from './dialog.ts';

/** What such a client sends, and the reply where it is taken and where it is not. */
const seen: Readonly<
  Record<
    Oddity,
    { readonly line: string; readonly taken: RegExp; readonly not: RegExp; readonly role?: 'msa' }
  >
> = {
  spaceBeforePath: { line: 'MAIL FROM: <a@example.org>\r\n', taken: /^250 2\.1\.0 /, not: /^501 / },
  noAngleBrackets: { line: 'MAIL FROM:a@example.org SIZE=10\r\n', taken: /^250 2\.1\.0 /, not: /^501 / },
  heloName: { line: 'EHLO my_pc\r\n', taken: /^250-mx/, not: /^501 / },
  authInBrackets: {
    line: 'MAIL FROM:<pepe@example.test> AUTH=<pepe@example.test>\r\n',
    taken: /^250 2\.1\.0 /,
    not: /^501 /,
    role: 'msa',
  },
  utf8InRfc822: {
    line: 'MAIL FROM:<a@example.org>\r\nRCPT TO:<paco@example.test> ORCPT=rfc822;jos+C3+A9@example.test\r\n',
    taken: /^250 2\.1\.0 .*\r\n250 2\.1\.5 /,
    not: /^250 2\.1\.0 .*\r\n501 /,
  },
  spaceBeforeColon: { line: 'MAIL FROM :<a@example.org>\r\n', taken: /^250 2\.1\.0 /, not: /^501 / },
  bareLineFeed: { line: 'NOOP\n', taken: /^250 /, not: /^500 5\.5\.2 / },
};

for (const name of Object.keys(oddities) as Oddity[])
  test(`${name} is ${oddities[name].taken ? 'taken' : 'refused'}`, async () => {
    const { role } = seen[name];
    const dialog = await ready(role === undefined ? {} : { role });
    assert.match(
      await dialog.send(seen[name].line),
      oddities[name].taken ? seen[name].taken : seen[name].not,
    );
  });
