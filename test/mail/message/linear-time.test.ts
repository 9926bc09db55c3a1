import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MimeScanner } from '../../../mail/message/mime-scan.ts';

const silent = { entity: () => false, bodyBytes: () => undefined };

/** Octets looked at for a message of `head` and so many of `line`, in chunks of `chunkBytes`. */
function steps(head: string, line: string, options: { readonly times: number; readonly chunkBytes: number }) {
  const message = Buffer.from(head + line.repeat(options.times));
  const scanner = new MimeScanner(silent);
  for (let at = 0; at < message.length; at += options.chunkBytes)
    scanner.write(message.subarray(at, at + options.chunkBytes));
  scanner.finish();
  return { steps: scanner.steps, octets: message.length };
}

const mixed = 'Content-Type: multipart/mixed; boundary=abc\r\n\r\n--abc\r\n\r\n';
const open50 = Array.from(
  { length: 50 },
  (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
).join('');

const worst: Readonly<Record<string, readonly [string, string]>> = {
  'a line of dashes without an end': [mixed, '-'],
  'lines of two dashes': [mixed, '--\n'],
  'delimiters that are none': [mixed, '--abd\r\n'],
  'delimiters with 50 boundaries open': [`${open50}\r\n`, '--b77\r\n'],
  'delimiters with much padding': [mixed, `--abc${' '.repeat(990)}\r\n`],
  'parts without end': [mixed, '--abc\r\n\r\n'],
  'multiparts within each other': ['', 'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n'],
  'a header without end': ['', 'X: y\r\n'],
  'carriage returns': [mixed, '\r'],
  'folds without end': ['Subject: x', '\r\n '],
};

for (const [what, [head, line]] of Object.entries(worst))
  test(`${what}: each octet is looked at a few times, however large the message`, () => {
    for (const chunkBytes of [7, 64 * 1024])
      for (const times of [1000, 2000, 4000]) {
        const found = steps(head, line, { times, chunkBytes });
        assert.ok(found.steps <= 4 * found.octets, `${found.steps} steps for ${found.octets} octets`);
      }
  });
