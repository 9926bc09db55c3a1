/**
 * How fast a message is scanned: `node bench/mime-scan.ts`. Throughput of large messages in chunks of 64 KB, and of the
 * worst that we could think of; and the time for a small message.
 *
 * Processor time on 2 shared cores, Node 24.21, 2026-11-24:
 *
 *     base64 attachment               327 MB/s    delimiters of another boundary   29 MB/s
 *     plain text, no multipart        809 MB/s    the same, 48 boundaries open     20 MB/s
 *     text in multipart               421 MB/s    its own delimiters               30 MB/s
 *     a line without an end           476 MB/s    header without end              621 MB/s
 *     empty lines in multipart        190 MB/s    header of one-octet lines       258 MB/s
 *     "--" in every line               36 MB/s
 *     small message, structure only      24 µs    small message, everything         141 µs
 *     one of 10,000 parts                 9 µs
 *
 * About half of a small message’s time is the header cache: zlib makes a new compressor for each.
 *
 * Searching bodies with `indexOf('\n--')` doubled the first figure and halved those of lines that begin with dashes:
 * the worst case counts more, as anyone may send it.
 */
import { MimeScanner } from '../mail/message/mime-scan.ts';
import { scanMessage, MessageScanner } from '../mail/message/scan-message.ts';

const chunkBytes = 64 * 1024;
const megabyte = 1024 * 1024;

/** Of the processor, so that what else the machine does counts less. */
function seconds(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function filled(line: string, megabytes: number, head = ''): Buffer {
  return Buffer.concat([Buffer.from(head), Buffer.alloc(megabytes * megabyte, line)]);
}

const mixed =
  'From: pepe@example.org\r\nContent-Type: multipart/mixed; boundary="=_part"\r\n\r\n--=_part\r\n' +
  'Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n';

const nested = Array.from(
  { length: 48 },
  (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
).join('');

const small = Buffer.from(
  [
    'Received: from mail.example.org ([192.0.2.1]) by mx.example.net with ESMTPS id abc; Tue, 24 Nov 2026 02:21:11 +0000',
    'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=mail; h=from:to:subject;\r\n b=' +
      'A'.repeat(300),
    'From: Pepe <pepe@example.org>',
    'To: Paco <paco@example.net>, "Third, The" <third@example.net>',
    'Subject: Lunch on Friday',
    'Date: Tue, 24 Nov 2026 02:21:11 +0000',
    'Message-ID: <123@example.org>',
    'References: <1@example.net> <2@example.org>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary="=_alternative"',
    '',
    '--=_alternative',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Shall we have lunch on Friday, at the usual place?',
    '--=_alternative',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Shall we have lunch on Friday, at the <b>usual</b> place?</p>',
    '--=_alternative--',
    '',
  ].join('\r\n'),
);

function throughput(name: string, message: Buffer): void {
  const run = () => {
    const scanner = new MessageScanner();
    for (let at = 0; at < message.length; at += chunkBytes)
      scanner.write(message.subarray(at, at + chunkBytes));
    scanner.finish();
  };
  run();
  const best = Math.min(seconds(run), seconds(run), seconds(run));
  process.stdout.write(`${name.padEnd(40)} ${Math.round(message.length / megabyte / best)} MB/s\n`);
}

function each(name: string, run: () => void): void {
  const rounds = 10_000;
  const loop = () => {
    for (let round = 0; round < rounds; round += 1) run();
  };
  loop();
  const best = Math.min(seconds(loop), seconds(loop), seconds(loop));
  process.stdout.write(`${name.padEnd(40)} ${Math.round((best / rounds) * 1e6)} µs\n`);
}

throughput('base64 attachment', filled(`${'QUJD'.repeat(19)}\r\n`, 50, mixed));
throughput('plain text, no multipart', filled('The quick brown fox jumps over the lazy dog\r\n', 50, '\r\n'));
throughput('text in multipart', filled('The quick brown fox jumps over the lazy dog\r\n', 50, mixed));
throughput('a line without an end', filled('x', 50, mixed));
throughput('empty lines in multipart', filled('\n', 50, mixed));
throughput('"--" in every line', filled('--\n', 20, mixed));
throughput('delimiters of another boundary', filled('--=_other\r\n', 20, mixed));
throughput('the same, 48 boundaries open', filled('--b99\r\n', 20, nested));
throughput('its own delimiters', filled('--=_part\r\n', 20, mixed));
throughput('header without end', filled('X: y\r\n', 20));
throughput('header of one-octet lines', filled('x\n', 20));
const silent = { entity: () => false, bodyBytes: () => undefined };
const parts = Buffer.from(
  `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nContent-Type: text/plain; name="x"\r\n\r\nq\r\n'.repeat(10_000)}--b--`,
);
const scanParts = () => void scanMessage(parts);
scanParts();
const partSeconds = Math.min(...[1, 2, 3].map(() => seconds(scanParts))) / 10_000;
process.stdout.write(`${'one of 10,000 parts'.padEnd(40)} ${Math.round(partSeconds * 1e6)} µs\n`);
each('small message, structure only', () => {
  const scanner = new MimeScanner(silent);
  scanner.write(small);
  scanner.finish();
});
each('small message, everything', () => void scanMessage(small));
