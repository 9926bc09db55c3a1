/**
 * Messages as people send them, all distinct, and the same for every server: made from a seed. Text of everyday words
 * as quoted-printable below 64 KB, and an attachment in base64 that does not compress above it.
 */

/** A generator of numbers below 2 ** 32 that always begins alike (xorshift32, Marsaglia 2003). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

const words =
  'about account address after again agree almost answer arrive ask attach August autumn back because before begin better between board book bridge budget bring build call cannot careful change chapter city clear client close coffee come company contract copy cost country customer date day decide deliver detail different dinner document draft early east email end enough evening every example family figure file find first follow friend garden give good great group half hand harbour hear help history house idea important invoice journey June kind know last late learn leave letter library list little long look machine make many market matter meet meeting message minute Monday money month morning mountain name need never new next night note nothing number offer office often open order paper part pay people phone place plan please point possible post price problem project question quite reach read ready reason receive remember report request return river road room same school second see send September service short should simple small some soon speak spring station still stop story street summer Sunday table take team tell thank thing think this time today together tomorrow town train travel try turn under until use very visit wait walk want water week welcome what when where which winter with without word work world would write year yesterday'.split(
    ' ',
  );

const lineOctets = 72;
const attachmentFrom = 64 * 1024;

/** Bodies are made once for each size, and each goes under many headers. */
const bodiesKept = (octets: number) => Math.max(8, Math.min(256, Math.floor((32 * 1024 * 1024) / octets)));

/** Bodies and headers of one size. Making a message costs its header only: the body is shared, and not to be changed. */
export class Messages {
  readonly #bodies: readonly Buffer[];
  readonly #random: () => number;
  readonly #seed: number;
  #made = 0;

  /** `octets`: of a whole message, header and body, within 1 %. */
  constructor(octets: number, seed: number) {
    this.#seed = seed;
    this.#random = seeded(seed);
    const kept = bodiesKept(octets);
    this.#bodies = Array.from({ length: kept }, () =>
      octets < attachmentFrom
        ? textBody(octets - headerOctets, this.#random)
        : attachmentBody(octets - headerOctets, this.#random),
    );
  }

  /** The next message's header, with the empty line after it, and its body. No line begins with a dot. */
  next(recipient: string): { readonly header: string; readonly body: Buffer } {
    const number = (this.#made += 1);
    const random = this.#random;
    const body = this.#bodies[random() % this.#bodies.length] ?? Buffer.alloc(0);
    const word = () => words[random() % words.length] ?? '';
    const sender = random() % 500;
    const header =
      `Received: from client${sender}.example.net (client${sender}.example.net [192.0.2.${sender % 250}])\r\n` +
      `\tby relay.example.net with ESMTPS id ${this.#seed.toString(16)}${number.toString(16)}; ${dateOf(number)}\r\n` +
      `From: ${capital(words[sender % words.length] ?? '')} Sender <sender${sender}@example.net>\r\n` +
      `To: <${recipient}>\r\n` +
      `Subject: ${capital(word())} ${word()} ${word()} ${word()} ${number}\r\n` +
      `Date: ${dateOf(number)}\r\n` +
      `Message-ID: <${this.#seed}.${number}.${random()}@example.net>\r\n` +
      `MIME-Version: 1.0\r\n` +
      `User-Agent: Bench/1.0\r\n` +
      (body.length < attachmentFrom
        ? `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`
        : `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n`);
    return { header, body };
  }

  /** The whole of the next message. */
  whole(recipient: string): Buffer {
    const { header, body } = this.next(recipient);
    return Buffer.concat([Buffer.from(header), body]);
  }
}

const headerOctets = 620;
const boundary = 'bench-part-of-this-message';

function textBody(octets: number, random: () => number): Buffer {
  const lines: string[] = [];
  let left = octets;
  while (left > 0) {
    let line = '';
    while (line.length < lineOctets) line += `${words[random() % words.length]} `;
    line = `${line.trimEnd()}\r\n`.slice(-Math.max(2, left));
    lines.push(line);
    left -= line.length;
  }
  return Buffer.from(lines.join('').replace(/\r?\n?$/, '\r\n'));
}

function attachmentBody(octets: number, random: () => number): Buffer {
  const text = textBody(1500, random);
  const head = `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n`;
  const between = `--${boundary}\r\nContent-Type: application/pdf; name="report.pdf"\r\nContent-Disposition: attachment; filename="report.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
  const end = `--${boundary}--\r\n`;
  const lines = Math.max(
    1,
    Math.floor((octets - text.length - head.length - between.length - end.length) / 78),
  );
  const bytes = Buffer.alloc(lines * 57);
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(random(), at);
  const encoded = bytes.toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.concat([
    text.length === 0 ? text : Buffer.from(head),
    text,
    Buffer.from(between + encoded + end),
  ]);
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

const firstDate = Date.UTC(2026, 0, 5, 8);

function dateOf(number: number): string {
  return new Date(firstDate + number * 61_000).toUTCString().replace('GMT', '+0000');
}
