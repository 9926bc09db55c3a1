/** The example of part specifiers in RFC 3501 section 6.4.5, part by part. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { temporaryTable } from '../../mailbox/mail-kit.ts';
import { ImapServer } from '../imap-server.ts';
import { octetsOf } from './octets-of.ts';

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

/** An entity: its header fields, and its body; both without the empty line between. */
interface Entity {
  readonly header: string;
  readonly body: string;
}

const written = ({ header, body }: Entity) => `${header}\r\n${body}`;

function leaf(type: string, text: string): Entity {
  return { header: `Content-Type: ${type}\r\n`, body: text };
}

function message(subject: string, { header, body }: Entity): Entity {
  return { header: `Subject: ${subject}\r\n${header}`, body };
}

function attached(inner: Entity): Entity {
  return { header: 'Content-Type: MESSAGE/RFC822\r\n', body: written(inner) };
}

function multipart(subtype: string, ...parts: readonly Entity[]): Entity {
  const boundary = `between-${subtype}-${parts.length}`;
  const body = parts.map((part) => `--${boundary}\r\n${written(part)}\r\n`).join('');
  return {
    header: `Content-Type: MULTIPART/${subtype}; boundary=${boundary}\r\n`,
    body: `${body}--${boundary}--\r\n`,
  };
}

const first = leaf('TEXT/PLAIN', 'the first text\r\n');
const second = leaf('APPLICATION/OCTET-STREAM', 'AAEC');
const third = message(
  'three',
  multipart('X-THREE', leaf('TEXT/PLAIN', 'in three'), leaf('APPLICATION/OCTET-STREAM', '')),
);
const gif = leaf('IMAGE/GIF', 'R0lGODlh');
const plain = leaf('TEXT/PLAIN', 'plain');
const rich = leaf('TEXT/RICHTEXT', '<bold>rich</bold>');
const alternative = multipart('ALTERNATIVE', plain, rich);
const inFour = leaf('TEXT/PLAIN', 'in four\r\n\r\n');
const fourth = message('four', multipart('MIXED', inFour, alternative));
const four = multipart('X-FOUR', gif, attached(fourth));
const whole = message('all', multipart('MIXED', first, second, attached(third), four));

const text = ({ body }: Entity) => body;
const header = (entity: Entity) => `${entity.header}\r\n`;
/** What RFC 3501 lists, and what it says of each. */
const expected: readonly (readonly [specifier: string, octets: string])[] = [
  ['', written(whole)],
  ['HEADER', header(whole)],
  ['TEXT', text(whole)],
  ['1', text(first)],
  ['2', text(second)],
  ['3', written(third)],
  ['3.HEADER', header(third)],
  ['3.TEXT', text(third)],
  ['3.1', 'in three'],
  ['3.2', ''],
  ['4', text(four)],
  ['4.1', text(gif)],
  ['4.1.MIME', header(gif)],
  ['4.2', written(fourth)],
  ['4.2.HEADER', header(fourth)],
  ['4.2.TEXT', text(fourth)],
  ['4.2.1', text(inFour)],
  ['4.2.2', text(alternative)],
  ['4.2.2.1', text(plain)],
  ['4.2.2.2', text(rich)],
  ['4.2.MIME', header(attached(fourth))],
  ['4.2.2.MIME', header(alternative)],
  ['4.2.HEADER.FIELDS (SUBJECT)', 'Subject: four\r\n\r\n'],
  ['HEADER.FIELDS (Subject To)', 'Subject: all\r\n\r\n'],
  ['3.HEADER.FIELDS.NOT (CONTENT-TYPE)', 'Subject: three\r\n\r\n'],
];

test('the part specifiers of RFC 3501 name the octets that it says', async () => {
  const server = await ImapServer.open({ table });
  await server.deliver(Buffer.from(written(whole)));
  const session = await server.session('tls');
  await session.logIn();
  await session.ok('EXAMINE INBOX');
  for (const [specifier, octets] of expected) {
    const item = `BODY[${specifier}]`;
    assert.equal(await octetsOf(session, item), octets, item);
    // Any octets of it are the same as a part of all.
    for (const [origin, count] of [
      [0, 5],
      [3, 4000],
      [octets.length - 1, 1],
    ] as const) {
      if (origin < 0) continue;
      const some = octets.slice(origin, origin + count);
      const asked = `BODY.PEEK[${specifier}]<${origin}.${count}>`;
      assert.equal(await octetsOf(session, asked), some, asked);
    }
  }
  for (const specifier of ['5', '1.1', '3.3', '4.3', '4.HEADER', '2.TEXT', '4.2.2.3', '4.2.2.HEADER'])
    assert.equal(await octetsOf(session, `BODY[${specifier}]`), undefined, specifier);
  await session.recorded.close();
  await server.finish();
});
