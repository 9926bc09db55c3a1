/** Random items of the sample messages: each response is whole, and each value is what the message's octets say. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { bodyOf } from '../../../../mail/message/body-form.ts';
import { parseHeader } from '../../../../mail/message/header.ts';
import { sectionRange, type Section } from '../../../../mail/message/part-table.ts';
import { scanMessage } from '../../../../mail/message/scan-message.ts';
import { seededRandom } from '../../../seeded-random.ts';
import { temporaryTable } from '../../mailbox/mail-kit.ts';
import { sample, sampleNames } from '../../message/samples.ts';
import { fuzzRounds } from '../../wire/splits.ts';
import { ImapServer } from '../imap-server.ts';

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

/** Octets as Latin-1 characters. */
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** An item as it is asked for, and what must be said of it. */
interface Asked {
  readonly item: string;
  readonly name: string;
  /** A string's octets; null is NIL; `written` stands as it is. */
  readonly value: { readonly written: string } | string | null;
}

class RandomItems {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  number(below: number): number {
    return Math.floor(this.#random() * below);
  }

  oneOf<Thing>(things: readonly Thing[]): Thing {
    const thing = things[this.number(things.length)];
    assert.ok(thing !== undefined);
    return thing;
  }

  item(bytes: Buffer): Asked {
    const scanned = scanMessage(bytes);
    switch (this.number(12)) {
      case 0:
        return { item: 'ENVELOPE', name: 'ENVELOPE', value: { written: latin1(scanned.envelope) } };
      case 1:
        return { item: 'BODY', name: 'BODY', value: { written: latin1(bodyOf(scanned.bodyStructure)) } };
      case 2:
        return {
          item: 'BODYSTRUCTURE',
          name: 'BODYSTRUCTURE',
          value: { written: latin1(scanned.bodyStructure) },
        };
      case 3:
        return { item: 'RFC822.SIZE', name: 'RFC822.SIZE', value: { written: String(bytes.length) } };
      default:
        return this.#octets(bytes, scanned.parts);
    }
  }

  #octets(bytes: Buffer, parts: readonly number[]): Asked {
    const numbers = Array.from({ length: this.number(4) }, () => 1 + this.number(3));
    const of = this.oneOf<Section['of']>([
      'whole',
      'HEADER',
      'TEXT',
      ...(numbers.length > 0 ? ['MIME' as const] : []),
    ]);
    const range = sectionRange(parts, { numbers, of });
    const all = range && latin1(bytes.subarray(range.start, range.end));
    const chosen = of === 'HEADER' && this.number(2) === 0 ? this.#fields(all) : undefined;
    const text = chosen?.text ?? (of === 'whole' ? [] : [of]);
    const section = `[${[...numbers, ...text].join('.')}]`;
    const value = chosen === undefined ? all : chosen.octets;
    if (this.number(2) === 0)
      return { item: `BODY.PEEK${section}`, name: `BODY${section}`, value: value ?? null };
    const origin = this.number(2) === 0 ? this.number(40) : this.number(2 ** 32);
    const octets = 1 + (this.number(2) === 0 ? this.number(40) : this.number(2 ** 32 - 1));
    return {
      item: `BODY.PEEK${section}<${origin}.${octets}>`,
      name: `BODY${section}<${origin}>`,
      value: value?.slice(origin, origin + octets) ?? null,
    };
  }

  #fields(header: string | undefined) {
    const names = Array.from({ length: 1 + this.number(3) }, () =>
      this.oneOf(['From', 'SUBJECT', 'date', 'Received', 'Content-Type', 'X-Bare']),
    );
    const not = this.number(2) === 0;
    const text = [`HEADER.FIELDS${not ? '.NOT' : ''} (${names.join(' ')})`];
    if (header === undefined) return { text, octets: undefined };
    const wanted = names.map((name) => name.toLowerCase());
    const fields = parseHeader(Buffer.from(header, 'latin1'))
      .filter(({ key }) => wanted.includes(key) !== not)
      .map(({ start, end }) => header.slice(start, end));
    return { text, octets: `${fields.join('')}\r\n` };
  }
}

/** Takes what must be said of the items from the response, and fails where it is anything else. */
function check(said: string, asked: readonly Asked[], number: number): void {
  let rest = said;
  const take = (expected: string) => {
    assert.equal(rest.slice(0, expected.length), expected);
    rest = rest.slice(expected.length);
  };
  take(`* ${number} FETCH (`);
  for (const [at, { name, value }] of asked.entries()) {
    take(`${at === 0 ? '' : ' '}${name} `);
    if (value === null) take('NIL');
    else if (typeof value === 'object') take(value.written);
    else take(value === '' ? '""' : `{${value.length}}\r\n${value}`);
  }
  take(')\r\nx OK FETCH completed\r\n');
  assert.equal(rest, '');
}

test('whatever is asked of the sample messages, the answer is whole and right', async () => {
  const server = await ImapServer.open({ table });
  for (const name of sampleNames) await server.deliver(sample(name));
  const session = await server.session('tls');
  await session.logIn();
  await session.ok('SELECT INBOX');
  const random = new RandomItems(seededRandom(11));
  for (let round = 0; round < fuzzRounds / 3; round++) {
    const at = random.number(sampleNames.length);
    const bytes = sample(sampleNames[at] ?? '');
    const items = Array.from({ length: 1 + random.number(5) }, () => random.item(bytes));
    // The same item twice is told once where it is one of few.
    const asked = items.filter(
      ({ item }, index) => items.findIndex((other) => other.item === item) === index,
    );
    const command = `FETCH ${at + 1} (${asked.map(({ item }) => item).join(' ')})`;
    const said = `${(await session.say(`x ${command}`)).join('\r\n')}\r\n`;
    try {
      check(said, asked, at + 1);
    } catch (error) {
      throw new Error(`${sampleNames[at]}: ${command}\n${said}`, { cause: error });
    }
  }
  await session.recorded.close();
  await server.finish();
});
