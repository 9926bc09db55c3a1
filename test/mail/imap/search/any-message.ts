/** Messages of which a test knows what is in them, written in any of the ways that mail has. */
import { fold } from '../../../../mail/message/fold.ts';

type Random = () => number;
export const pick = <Value>(random: Random, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)] as Value;

/** What a message says, apart from how it is written. */
export interface KnownMessage {
  readonly bytes: Buffer;
  readonly from: string;
  readonly to: string | undefined;
  readonly subject: string | undefined;
  /** `x-tag`. */
  readonly tags: readonly string[];
  readonly received: string | undefined;
  /** Day since 1970 as written. */
  readonly sentDay: number | undefined;
  /** Text parts, and what headers within the message say. */
  readonly texts: readonly string[];
  /** The lines of its header, decoded; and as they stand. */
  readonly header: string;
  readonly rawHeader: string;
}

const words = [
  'año',
  'café',
  'ÁRBOL',
  'straße',
  'one',
  'Two',
  'three',
  'mañana',
  'ñandú',
  'x1',
  'Öl',
  'fin',
  'a',
  '&',
  'é',
];

export function anyWords(random: Random, most: number): string {
  return Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(random, words)).join(' ');
}

/** In one of the forms of RFC 2047, or as it is. */
function encodedText(random: Random, text: string): string {
  const latin1 = [...Buffer.from(text, 'latin1')];
  const q = latin1.map((octet) =>
    /[A-Za-z0-9]/.test(String.fromCharCode(octet))
      ? String.fromCharCode(octet)
      : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`,
  );
  const middle = Math.floor(q.length / 2);
  return pick(random, [
    () => Buffer.from(text).toString('latin1'),
    () => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`,
    () => `=?ISO-8859-1?Q?${q.join('')}?=`,
    () => `=?iso-8859-1?q?${q.slice(0, middle).join('')}?=\r\n =?iso-8859-1?q?${q.slice(middle).join('')}?=`,
  ])();
}

interface Entity {
  readonly head: readonly string[];
  readonly body: string;
  readonly texts: readonly string[];
}

function anyText(random: Random): Entity {
  const text = anyWords(random, 8);
  const html = random() < 0.3;
  const written = html ? text.replaceAll('&', '&amp;').replaceAll('ñ', '&ntilde;') : text;
  const [charset, octets] = pick<readonly [string, Buffer]>(random, [
    ['utf-8', Buffer.from(written)],
    ['iso-8859-1', Buffer.from(written, 'latin1')],
    ['utf-16le', Buffer.from(written, 'utf16le')],
  ]);
  const encoding = charset === 'utf-16le' ? 'base64' : pick(random, ['8bit', 'base64', 'quoted-printable']);
  return {
    head: [
      `Content-Type: text/${html ? 'html' : 'plain'}; charset="${charset}"`,
      `Content-Transfer-Encoding: ${encoding}`,
    ],
    body: encodedBody(octets, encoding),
    texts: [text],
  };
}

function encodedBody(octets: Buffer, encoding: string): string {
  if (encoding === 'base64') return octets.toString('base64').replace(/.{16}/g, '$&\r\n');
  if (encoding === '8bit') return octets.toString('latin1');
  const escaped = [...octets].map((octet) =>
    octet === 0x3d || octet > 0x7e ? `=${octet.toString(16).toUpperCase()}` : String.fromCharCode(octet),
  );
  return escaped.map((each, at) => (at % 10 === 9 ? `${each}=\r\n` : each)).join('');
}

function anyEntity(random: Random, depth: number): Entity {
  const kind = depth > 2 ? 'text' : pick(random, ['text', 'text', 'binary', 'multipart', 'message'] as const);
  switch (kind) {
    case 'text':
      return anyText(random);
    case 'binary':
      return { head: ['Content-Type: application/octet-stream'], body: anyWords(random, 4), texts: [] };
    case 'message': {
      const subject = anyWords(random, 3);
      const inner = anyText(random);
      const head = [`Subject: ${encodedText(random, subject)}`, ...inner.head];
      return {
        head: ['Content-Type: message/rfc822'],
        body: [...head, '', inner.body].join('\r\n'),
        texts: [
          `Subject: ${subject}\n${inner.head.join('\n')}`,
          textOf([...head, ''].join('\r\n')),
          ...inner.texts,
        ],
      };
    }
    case 'multipart': {
      const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, () => anyEntity(random, depth + 1));
      const boundary = `b${depth}-${Math.floor(random() * 1e9)}`;
      const body = parts.flatMap(({ head, body: inner }) => [`--${boundary}`, ...head, '', inner]);
      return {
        head: [`Content-Type: multipart/mixed; boundary="${boundary}"`],
        body: [...body, `--${boundary}--`].join('\r\n'),
        texts: parts.flatMap(({ texts }) => texts),
      };
    }
    default:
      return kind satisfies never;
  }
}

const textOf = (octets: string) => Buffer.from(octets, 'latin1').toString();
const maybe = <Value>(random: Random, value: () => Value) => (random() < 0.7 ? value() : undefined);

export function anyMessage(random: Random): KnownMessage {
  const name = anyWords(random, 2).replaceAll('&', 'and');
  const address = `${pick(random, ['pepe', 'ana', 'jo'])}@example.org`;
  const to = maybe(random, () => `${pick(random, ['paco', 'eva'])}@example.net`);
  const subject = maybe(random, () => anyWords(random, 4));
  const tags = Array.from({ length: Math.floor(random() * 3) }, () => anyWords(random, 2));
  const received = maybe(random, () => `from ${pick(random, ['one', 'two'])} by mx`);
  const sentDay = maybe(random, () => 20_000 + Math.floor(random() * 5));
  const date =
    sentDay === undefined
      ? []
      : [
          new Date(sentDay * 86_400_000)
            .toUTCString()
            .replace('GMT', pick(random, ['+1200', '-0800', 'EST'])),
        ];
  const entity = anyEntity(random, 0);
  // Each field as it is written, and as it is meant.
  const fields: readonly (readonly [string, string, string])[] = [
    ...(received === undefined ? [] : [['Received', received, received] as const]),
    ['From', `${encodedText(random, name)} <${address}>`, `${name} <${address}>`],
    ...(to === undefined ? [] : [['To', to, to] as const]),
    ...(subject === undefined ? [] : [['Subject', encodedText(random, subject), subject] as const]),
    ...date.map((value) => ['Date', value, value] as const),
    ...tags.map((tag) => ['X-Tag', encodedText(random, tag), tag] as const),
    ...entity.head.map(
      (line) => [...line.split(': '), line.split(': ')[1]] as unknown as readonly [string, string, string],
    ),
  ];
  const head = `${fields.map(([field, written]) => `${field}: ${written}\r\n`).join('')}\r\n`;
  return {
    bytes: Buffer.from(head + entity.body, 'latin1'),
    from: `${name} <${address}>`,
    to,
    subject,
    tags,
    received,
    sentDay,
    texts: entity.texts,
    header: fields.map(([field, , meant]) => `${field}: ${meant}`).join('\n'),
    rawHeader: textOf(head),
  };
}

/** A search key for what such messages hold, and whether one of them matches by what is known of it. */
export interface KnownKey {
  readonly text: string;
  readonly expected: (known: KnownMessage, system: number) => boolean;
}

const has = (text: string | undefined, needle: string) =>
  text !== undefined && fold(text).includes(fold(needle));

/** A few words, or a piece of one, in another case and composition. */
function anyNeedle(random: Random): string {
  const text = anyWords(random, 2);
  const start = Math.floor(random() * 2);
  const form = pick(random, ['NFC', 'NFD'] as const);
  const needle = (
    random() < 0.5 ? text : text.padEnd(2, text).slice(start, start + 1 + Math.floor(random() * 4))
  ).normalize(form);
  return random() < 0.5 ? needle.toUpperCase() : needle;
}

export function anyKey(random: Random, depth = 0): KnownKey {
  const needle = anyNeedle(random);
  const quoted = `"${needle}"`;
  const day = 20_000 + Math.floor(random() * 5);
  const written = new Date(day * 86_400_000).toUTCString().slice(5, 16).replaceAll(' ', '-');
  const inner = () => anyKey(random, depth + 1);
  const leaves: readonly (() => KnownKey)[] = [
    () => ({ text: 'SEEN', expected: (_, system) => (system & 1) !== 0 }),
    () => ({ text: 'UNFLAGGED', expected: (_, system) => (system & 4) === 0 }),
    () => ({ text: `FROM ${quoted}`, expected: ({ from }) => has(from, needle) }),
    () => ({ text: 'TO paco', expected: ({ to }) => has(to, 'paco') }),
    () => ({ text: `SUBJECT ${quoted}`, expected: ({ subject }) => has(subject, needle) }),
    () => ({ text: `SENTON ${written}`, expected: ({ sentDay }) => sentDay === day }),
    () => ({
      text: `SENTSINCE ${written}`,
      expected: ({ sentDay }) => sentDay !== undefined && sentDay >= day,
    }),
    () => ({ text: `HEADER X-Tag ${quoted}`, expected: ({ tags }) => tags.some((tag) => has(tag, needle)) }),
    () => ({ text: 'HEADER X-Tag ""', expected: ({ tags }) => tags.length > 0 }),
    () => ({ text: 'HEADER Received "from one"', expected: ({ received }) => has(received, 'from one') }),
    () => ({ text: `BODY ${quoted}`, expected: ({ texts }) => texts.some((text) => has(text, needle)) }),
    () => ({
      text: `TEXT ${quoted}`,
      expected: ({ texts, header, rawHeader }) =>
        [header, rawHeader, ...texts].some((text) => has(text, needle)),
    }),
  ];
  const branches: readonly (() => KnownKey)[] = [
    () => {
      const one = inner();
      return { text: `NOT ${one.text}`, expected: (...known) => !one.expected(...known) };
    },
    () => {
      const [one, other] = [inner(), inner()];
      return {
        text: `OR ${one.text} ${other.text}`,
        expected: (...known) => one.expected(...known) || other.expected(...known),
      };
    },
    () => {
      const all = [inner(), inner(), inner()].slice(0, 1 + Math.floor(random() * 3));
      return {
        text: `(${all.map(({ text }) => text).join(' ')})`,
        expected: (...known) => all.every(({ expected }) => expected(...known)),
      };
    },
  ];
  return pick(random, depth < 4 && random() < 0.6 ? branches : leaves)();
}
