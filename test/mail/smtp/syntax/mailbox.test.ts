/** SMTP takes only addresses that the rest of Posta reads: what is in an envelope can be written down and read again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalAddress, formatAddress, parseAddress } from '../../../../mail/message/address.ts';
import { parseMailbox } from '../../../../mail/smtp/syntax/mailbox.ts';
import { seededRandom } from '../../../seeded-random.ts';

/** Fails where a mailbox that is taken cannot be read back; whether it was taken. */
function readsBack(text: string): boolean {
  const mailbox = parseMailbox(text);
  if (mailbox.kind === 'bad') return false;
  const address = mailbox.value;
  const shown = JSON.stringify(text);
  assert.deepEqual(parseAddress(formatAddress(address)), address, shown);
  const canonical = canonicalAddress(address);
  assert.ok(canonical !== undefined, shown);
  const again = parseAddress(canonical);
  assert.ok(again !== undefined, shown);
  assert.equal(canonicalAddress(again), canonical, shown);
  return true;
}

test('what cannot be read back is refused', () => {
  for (const text of [
    'a\u2028b@example.test',
    '"a\u2028b"@example.test',
    '"a\u2029"@example.test',
    'a@[foo:b@c]',
    '"a"@[foo:b@c]',
    // 64 octets as written, more in lower case.
    `${'\u0130'.repeat(32)}@example.test`,
  ]) {
    assert.equal(parseMailbox(text).kind, 'bad', JSON.stringify(text));
  }
});

test('what can be read back is taken', () => {
  for (const text of [
    'a@[IPv6:::1]',
    'a@[X-tag:any.thing!]',
    '"\\""@x.test',
    '"a@b"@example.test',
    'j\u00f6ran@b\u00fccher.example',
    '"\u00fc \u00fc"@example.org',
    'a@\u0130.test',
    // The Greek question mark is a semicolon in NFC.
    'a\u037eb@example.test',
  ])
    assert.ok(readsBack(text), JSON.stringify(text));
});

const characters = [
  ...Array.from('aZ09.-+_=!#@"\\ <>()[]:;,\t\0\r\n\x7f'),
  ...Array.from(
    '\u0080\u0085\u00a0\u00ad\u00df\u0130\u0131\u0323\u0307\u037e\u03a3\u1e9e\u200b\u2000\u2028\u2029\u212a\ufeff\uff20\uff0e\u3002',
  ),
  '\u{1f600}',
  '\ud800',
  'xn--',
  'IPv6:',
];
const frames: readonly ((local: string, domain: string) => string)[] = [
  (local, domain) => `${local}@${domain}`,
  (local, domain) => `${local}@${domain}.test`,
  (local, domain) => `"${local}"@${domain}`,
  (local, domain) => `${local}@[${domain}]`,
  (local, domain) => `${local}@[tag:${domain}]`,
  (local) => `${local}@example.test`,
  (local) => `"${local}"@example.test`,
];

test('whatever mailbox is taken can be read back', () => {
  const random = seededRandom(20_261_124);
  const rounds = Number(process.env['POSTA_FUZZ_ROUNDS'] ?? 20_000);
  const some = () => {
    const length = random() < 0.05 ? 60 + Math.floor(random() * 10) : Math.floor(random() * 8);
    return Array.from({ length }, () =>
      random() < 0.6 ? 'ab' : (characters[Math.floor(random() * characters.length)] ?? ''),
    ).join('');
  };
  let taken = 0;
  for (let round = 0; round < rounds; round++) {
    const frame = frames[Math.floor(random() * frames.length)] ?? assert.fail();
    if (readsBack(frame(some(), some()))) taken += 1;
  }
  assert.ok(taken > rounds / 20, `only ${taken} of ${rounds} were taken`);
});
