/** Messages made 7-bit: what comes of each kind of part, and that nothing of what a reader sees is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toSevenBit } from '../../../mail/message/seven-bit.ts';
import { scanSevenBit, SevenBitScanner, type SevenBitScan } from '../../../mail/message/seven-bit-scan.ts';
import { contentFields } from '../../../mail/message/content-type.ts';
import { MimeScanner } from '../../../mail/message/mime-scan.ts';
import { partAt } from '../../../mail/message/part-table.ts';
import { seededRandom } from '../../seeded-random.ts';
import { sample, sampleNames } from './samples.ts';

const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 1500);

/** Octets as Latin-1 characters, lines joined by CRLF. */
const lines = (...text: readonly string[]) => Buffer.from(text.join('\r\n'), 'latin1');
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

function scan(bytes: Uint8Array, cut?: () => number): SevenBitScan {
  const scanner = new SevenBitScanner();
  for (const chunk of divided(bytes, cut)) scanner.write(chunk);
  return scanner.finish();
}

function* divided(bytes: Uint8Array, cut: () => number = () => bytes.length): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const end = at + Math.max(1, cut());
    yield bytes.subarray(at, end);
    at = end;
  }
}

async function* source(bytes: Uint8Array, cut?: () => number): AsyncGenerator<Uint8Array> {
  yield* divided(bytes, cut);
}

/** The message as it is sent; fails where it cannot be. */
async function converted(bytes: Uint8Array, cut?: () => number): Promise<Buffer> {
  const plan = scan(bytes, cut);
  assert.notEqual(plan.kind, 'impossible', JSON.stringify(plan));
  if (plan.kind !== 'convertible') return Buffer.from(bytes);
  const output: Uint8Array[] = [];
  for await (const chunk of toSevenBit(source(bytes, cut), plan)) output.push(Buffer.from(chunk));
  return Buffer.concat(output);
}

const convertedText = async (bytes: Uint8Array) => (await converted(bytes)).toString('latin1');

function impossible(bytes: Uint8Array): string {
  const found = scan(bytes);
  return found.kind === 'impossible' ? found.because : found.kind;
}

/** What a reader finds: each entity's depth and kind, and each leaf's body, decoded; a message in base64 is looked into. */
function readable(bytes: Buffer, depth = 0): readonly string[] {
  const types: string[] = [];
  const encodings: string[] = [];
  const scanner = new MimeScanner({
    entity({ contentType, header }) {
      types.push(`${contentType.type}/${contentType.subtype}`);
      encodings.push(contentFields(header.fields).encoding);
      return false;
    },
    bodyBytes: () => undefined,
  });
  scanner.write(bytes);
  const table = scanner.finish();
  const depths: number[] = [];
  return types.flatMap((type, index) => {
    const part = partAt(table, index);
    assert.ok(part);
    const at = depths[part.parent];
    depths[index] = part.parent < 0 ? depth : at === undefined ? NaN : at + 1;
    // In something that was looked into already.
    if (Number.isNaN(depths[index])) return [];
    const told = `${depths[index]} ${part.kind} ${type} `;
    const body = bytes.subarray(part.bodyStart, part.bodyEnd);
    if (part.kind === 'leaf') return [told + decoded(body, encodings[index] ?? '')];
    if (type !== 'MESSAGE/GLOBAL' || encodings[index] !== 'BASE64') return [told];
    const within = readable(Buffer.from(decoded(body, 'BASE64'), 'latin1'), depths[index] + 1);
    depths[index] = NaN;
    return [told, ...within];
  });
}

function decoded(body: Buffer, encoding: string): string {
  const text = body.toString('latin1');
  if (encoding === 'BASE64')
    return Buffer.from(text.replace(/[^A-Za-z0-9+/=]/g, ''), 'base64').toString('latin1');
  if (encoding !== 'QUOTED-PRINTABLE') return text;
  return text
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function checkSevenBit(bytes: Buffer): void {
  assert.doesNotMatch(bytes.toString('latin1'), /[\x80-\xff]/);
}

test('8-bit text becomes quoted-printable, its label replaced where it stands', async () => {
  const message = lines(
    'From: a@example.org',
    'MIME-Version: 1.0',
    'Content-Transfer-Encoding: 8bit',
    'Content-Type: text/plain; charset=utf-8',
    '',
    utf8('Grüße = 1'),
    'blank at the end ',
    '.dot',
    '--dash',
    '',
  );
  assert.equal(
    await convertedText(message),
    [
      'From: a@example.org',
      'MIME-Version: 1.0',
      'Content-Transfer-Encoding: quoted-printable',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Gr=C3=BC=C3=9Fe =3D 1',
      'blank at the end=20',
      '=2Edot',
      '=2D-dash',
      '',
    ].join('\r\n'),
  );
});

test('a message without MIME fields gets the two that it needs', async () => {
  const message = lines('From: a@example.org', 'Subject: x', '', utf8('é'), '');
  const added = 'MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n';
  assert.equal(await convertedText(message), `From: a@example.org\r\nSubject: x\r\n${added}\r\n=C3=A9\r\n`);
  assert.equal(await convertedText(lines('', utf8('é'))), `${added}\r\n=C3=A9`);
});

test('other bodies become base64, in lines of 76, the last with a line end', async () => {
  const octets = String.fromCharCode(...Array.from({ length: 256 }, (_, at) => at));
  const body = octets.replace(/[\r\n]/g, '').repeat(2);
  const message = lines('MIME-Version: 1.0', 'Content-Type: image/png', '', body, '');
  const text = await convertedText(message);
  const [header = '', encoded = ''] = text.split('\r\n\r\n');
  assert.match(header, /\r\nContent-Transfer-Encoding: base64$/);
  assert.match(encoded, /^(?:[A-Za-z0-9+/]{76}\r\n)+[A-Za-z0-9+/=]{1,76}\r\n$/);
  assert.equal(Buffer.from(encoded, 'base64').toString('latin1'), `${body}\r\n`);
});

const mixed = (...parts: readonly (readonly string[])[]) =>
  lines(
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...parts.flatMap((part) => ['--b', ...part]),
    '--b--',
    '',
  );

test('of a multipart only what must change does, and its own 8bit is 7bit', async () => {
  const clean = ['Content-Type: text/plain', '', 'left = alone ', ''];
  const declared = ['Content-Transfer-Encoding: 8BIT', '', 'clean', ''];
  const dirty = [
    'Content-Type: text/html; charset=iso-8859-1',
    'Content-Transfer-Encoding: binary',
    '',
    '<p>\xe9</p>',
  ];
  const binary = ['Content-Type: application/pdf', '', '\xff\xfe'];
  assert.equal(
    await convertedText(mixed(clean, declared, dirty, binary)),
    mixed(
      clean,
      ['Content-Transfer-Encoding: 7bit', '', 'clean', ''],
      [
        'Content-Type: text/html; charset=iso-8859-1',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        '<p>=E9</p>',
      ],
      ['Content-Type: application/pdf', 'Content-Transfer-Encoding: base64', '', '//4='],
    )
      .toString('latin1')
      .replace('Encoding: 8bit', 'Encoding: 7bit'),
  );
});

test('a message within is converted within', async () => {
  const within = [
    'Content-Type: message/rfc822',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Subject: inner',
    '',
    'd\xe9j\xe0',
  ];
  const text = await convertedText(mixed(within));
  const expected = [
    'Content-Type: message/rfc822',
    'Content-Transfer-Encoding: 7bit',
    '',
    'Subject: inner',
    'MIME-Version: 1.0',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'd=E9j=E0',
  ];
  assert.equal(text, mixed(expected).toString('latin1').replace('Encoding: 8bit', 'Encoding: 7bit'));
});

test('an internationalized message within becomes base64 whole', async () => {
  const inner = ['Subject: ' + utf8('Grüße'), '', utf8('ß')];
  const text = await convertedText(mixed(['Content-Type: message/global', '', ...inner]));
  const encoded = Buffer.from(inner.join('\r\n'), 'latin1').toString('base64');
  assert.ok(
    text.includes(
      `Content-Type: message/global\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n--b--`,
    ),
  );
  const clean = mixed(['Content-Type: message/global', '', 'Subject: x', '', 'y']);
  assert.deepEqual(scan(clean), { kind: 'sevenBit' });
});

test('lines of more than 998 octets are encoded too, and that is told apart', async () => {
  const long = lines('Content-Type: text/plain', '', 'x'.repeat(999), '');
  const plan = scan(long);
  assert.equal(plan.kind === 'convertible' && plan.eightBit, false);
  const text = await convertedText(long);
  assert.ok(text.split('\r\n').every((line) => line.length <= 76));
  assert.deepEqual(readable(Buffer.from(text)), readable(long));
  const longest = lines('Content-Type: text/plain', '', 'x'.repeat(998), '');
  for (const octets of [1, 7, longest.length - 1, longest.length])
    assert.deepEqual(
      scan(longest, () => octets),
      { kind: 'sevenBit' },
    );
});

test('what says that it is encoded, and breaks its encoding, is mended', async () => {
  const quoted = ['Content-Transfer-Encoding: quoted-printable', '', `a=3D\xe9=\r\n-b ${'=41'.repeat(600)}`];
  const base64 = [
    'Content-Type: image/png',
    'Content-Transfer-Encoding: base64',
    '',
    `AA\xe9AA${'QUJD'.repeat(300)}`,
  ];
  const message = mixed(quoted, base64);
  const text = await convertedText(message);
  assert.ok(text.includes('\r\na=3D=E9=\r\n=2Db =41=41'));
  assert.ok(text.includes('\r\nAAAAQUJDQUJD'));
  assert.ok(text.split('\r\n').every((line) => line.length <= 998));
  assert.deepEqual(readable(Buffer.from(text)), readable(message));
});

test('what stands around the parts is masked', async () => {
  const dirty = 'boundary=b\r\n\r\npr\xe9ambule\r\n--b\r\n\r\nx\r\n--b--\r\n\xe9pilogue\r\n';
  const message = lines('Content-Type: multipart/mixed; ' + dirty);
  const expected = dirty.replace('pr\xe9', 'pr#').replace('\xe9pi', '#pi');
  assert.equal(await convertedText(message), `Content-Type: multipart/mixed; ${expected}`);
});

test('what may not be changed cannot be converted', () => {
  assert.equal(impossible(lines('Subject: \xe9', '', 'x')), 'header');
  assert.equal(impossible(mixed(['Content-Description: \xe9', '', 'x'])), 'header');
  assert.equal(impossible(mixed(['Content-Type: message/rfc822', '', 'Subject: \xe9', '', 'x'])), 'header');
  const signed = (body: string) => [
    'Content-Type: multipart/signed; boundary=s',
    '',
    '--s',
    'Content-Transfer-Encoding: 8bit',
    '',
    body,
    '--s',
    'Content-Type: application/pgp-signature',
    '',
    'sig',
    '--s--',
  ];
  assert.equal(impossible(mixed(signed('\xe9'))), 'signed');
  assert.equal(impossible(mixed(['Content-Type: multipart/mixed', '', '\xe9'])), 'composite');
  assert.equal(impossible(mixed(['Content-Type: message/delivery-status', '', 'A: \xe9'])), 'composite');
  assert.equal(
    impossible(
      mixed(['Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64', '', 'A: b', '', '\xe9']),
    ),
    'composite',
  );
});

test('something signed stays as it is to the octet beside what changes', async () => {
  const signed = [
    'Content-Type: multipart/signed; boundary=s',
    '',
    '--s',
    'Content-Transfer-Encoding: 8bit',
    '',
    'clean '.repeat(300),
    '--s',
    'Content-Type: application/pgp-signature',
    '',
    'sig',
    '--s--',
  ];
  const text = await convertedText(mixed(signed, ['', '\xe9']));
  assert.ok(text.includes(signed.join('\r\n')));
  assert.ok(text.includes('\r\n\r\n=E9\r\n'));
});

test('a header too large to be looked through is no guess', () => {
  const large = `X: ${'x'.repeat(70_000)}`;
  assert.equal(impossible(mixed([large, 'Y: \xe9', '', 'x'])), 'header');
  assert.equal(impossible(mixed([large, '', '\xe9'])), 'header');
});

test('no encoded line can be taken for a boundary', async () => {
  // Encoded as it stands, its line would read `--x=E9`; broken at 76, the other's second line would begin with `--x=E9`.
  const body = `--x\xe9\r\n${'y'.repeat(74)}--x=E9\r\n`;
  const message = lines(
    'Content-Type: multipart/mixed; boundary="x=E9"',
    '',
    '--x=E9',
    '',
    body,
    '--x=E9',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    `${'y'.repeat(988)}--x=E9 \xe9\r\n--x\xe9`,
    '--x=E9--',
    '',
  );
  assert.deepEqual(readable(await converted(message)), readable(message));
});

test('another message than the one that was scanned is a fault', async () => {
  const message = lines('A: b', '', '\xe9');
  const plan = scan(message);
  assert.ok(plan.kind === 'convertible');
  const run = async (bytes: Buffer) => {
    for await (const _ of toSevenBit(source(bytes), plan));
  };
  await assert.rejects(run(message.subarray(1)), /shorter/);
  await assert.rejects(run(Buffer.concat([message, message])), /longer/);
});

test('every sample is as it was, or 7-bit with the same parts', async () => {
  let changed = 0;
  for (const name of sampleNames) {
    const bytes = sample(name);
    if (impossible(bytes) === 'header') continue;
    const output = await converted(bytes);
    checkSevenBit(output);
    assert.deepEqual(readable(output), readable(bytes), name);
    if (!output.equals(bytes)) changed += 1;
    else assert.equal(scan(bytes).kind, 'sevenBit', name);
  }
  assert.ok(changed > 0);
});

test('memory stays flat: what has come is written before more is asked for', async () => {
  const header = lines('MIME-Version: 1.0', 'Content-Type: text/plain', '', '');
  const chunk = Buffer.alloc(64 * 1024, 'é not a line end ');
  const scanner = new SevenBitScanner();
  const chunks = 200;
  scanner.write(header);
  for (let at = 0; at < chunks; at += 1) scanner.write(chunk);
  const plan = scanner.finish();
  assert.ok(plan.kind === 'convertible');
  let given = 0;
  let written = 0;
  async function* read() {
    yield header;
    for (let at = 0; at < chunks; at += 1) {
      assert.ok(given - written < 100, `${given - written} octets are held`);
      given += chunk.length;
      yield chunk;
    }
  }
  for await (const output of toSevenBit(read(), plan)) {
    assert.ok(output.length < 5 * chunk.length);
    written += output.length;
  }
  assert.ok(written > given);
});

const fragments = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\0',
    ' ',
    '=',
    '-',
    '--b',
    '--b--',
    '--s',
    '\xe9',
    '\xff',
    utf8('ß'),
    'x'.repeat(1100),
    ' '.repeat(90),
  ],
  ...['\r\n\r\n', '\r\n--b\r\n', '\r\n--b\r\n\r\n', '\r\n--b--\r\n', '\r\n--s\r\n\r\n', '=\r\n', '=4', '=E9'],
  ...['Content-Type: multipart/mixed; boundary=b\r\n', 'Content-Type: multipart/signed; boundary=s\r\n'],
  ...['Content-Type: message/rfc822\r\n', 'Content-Type: message/global\r\n', 'Content-Type: image/png\r\n'],
  ...['8bit', 'BINARY', 'quoted-printable', 'base64', 'x-other'].map(
    (each) => `Content-Transfer-Encoding: ${each}\r\n`,
  ),
];

test('any octets in any division: never a throw, the result 7-bit, the parts the same, twice the same as once', async () => {
  const random = seededRandom(6152);
  const pick = <Thing>(from: readonly Thing[]) => from[Math.floor(random() * from.length)] as Thing;
  const seeds = [...sampleNames.map(sample), mixed(['', 'x'], ['', 'y']), lines('A: b', '', 'x')];
  let convertible = 0;
  for (let round = 0; round < rounds; round += 1) {
    let bytes: Buffer = Buffer.from(pick(seeds));
    for (let changes = Math.ceil(random() * 6); changes > 0; changes -= 1) {
      const at = Math.floor(random() * (bytes.length + 1));
      const until = random() < 0.3 ? Math.min(bytes.length, at + Math.floor(random() * 40)) : at;
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(pick(fragments), 'latin1'),
        bytes.subarray(until),
      ]);
    }
    const plan = scan(bytes);
    const cut = () => Math.floor(random() * 60);
    assert.deepEqual(scan(bytes, cut), plan, `round ${round}`);
    if (plan.kind === 'impossible') continue;
    const output = await converted(bytes);
    assert.deepEqual(await scanSevenBit(source(bytes, cut)), plan, `round ${round}: read`);
    assert.ok((await converted(bytes, cut)).equals(output), `round ${round}: divisions`);
    checkSevenBit(output);
    assert.deepEqual(readable(output), readable(bytes), `round ${round}`);
    if (plan.kind !== 'convertible') continue;
    convertible += 1;
    const again = scan(output);
    assert.ok(again.kind === 'sevenBit', `round ${round}: ${again.kind}`);
  }
  assert.ok(convertible > rounds / 10, `${convertible} of ${rounds}`);
});
