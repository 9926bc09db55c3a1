/** Certificates are ordered once, renewed in time, and a failure costs neither the old one nor the others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { CertificateKeeper } from '../../../mail/certificate/keep-certificates.ts';
import { NamesNotProved, type CertificatePair, type Prover } from '../../../mail/ports/certificates.ts';
import { recordingLog } from '../../contracts/recording-log.ts';
import { SteppedClock } from '../directory/directory-kit.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

function keeperKit() {
  const clock = new SteppedClock();
  const log = recordingLog();
  const kept = new Map<string, CertificatePair>();
  const ordered: string[] = [];
  let fails: Error | undefined;
  const nowhere = new Set<string>();
  const prover: Prover = {
    way: 'dns-01',
    show: async () => ({ [Symbol.asyncDispose]: async () => {} }),
  };
  const order = async (names: readonly string[]) => {
    ordered.push(names.join(' '));
    if (fails !== undefined) throw fails;
    const pair = await generate([{ name: 'commonName', value: names[0] ?? '' }], {
      keyType: 'ec',
      notBeforeDate: new Date(clock.now()),
      notAfterDate: new Date(clock.now() + 90 * dayMs),
      extensions: [{ name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) }],
    });
    return { certificate: pair.cert, key: pair.private };
  };
  const keeper = new CertificateKeeper({
    authority: { order },
    prover,
    store: {
      read: async (name) => kept.get(name),
      write: async (name, pair) => void kept.set(name, pair),
    },
    leadsHere: async (name) => !nowhere.has(name),
    clock,
    log,
  });
  return {
    keeper,
    clock,
    log,
    kept,
    ordered,
    nowhere,
    failWith: (fault: Error | undefined) => (fails = fault),
  };
}

const mail = { name: 'mail.example.org', names: ['mail.example.org'] };
const web = { name: 'example.org', names: ['mta-sts.example.org', 'autoconfig.example.org'] };

test('each is ordered once, and again when a third of its life is left', async () => {
  const { keeper, clock, ordered } = keeperKit();
  assert.deepEqual(await keeper.keep([mail, web]), ['mail.example.org', 'example.org']);
  assert.deepEqual(await keeper.keep([mail, web]), []);
  assert.deepEqual(ordered, ['mail.example.org', 'mta-sts.example.org autoconfig.example.org']);
  clock.time += 59 * dayMs;
  assert.deepEqual(await keeper.keep([mail]), []);
  clock.time += 2 * dayMs;
  assert.deepEqual(await keeper.keep([mail]), ['mail.example.org']);
});

test('another name asks for another certificate', async () => {
  const { keeper, ordered } = keeperKit();
  await keeper.keep([mail]);
  const more = { ...mail, names: ['mail.example.org', 'imap.example.org'] };
  assert.deepEqual(await keeper.keep([more]), ['mail.example.org']);
  assert.equal(ordered.at(-1), 'mail.example.org imap.example.org');
});

test('a name that leads nowhere is left out, said once, and taken in when it leads here', async () => {
  const { keeper, nowhere, ordered, log } = keeperKit();
  nowhere.add('autoconfig.example.org');
  await keeper.keep([web]);
  await keeper.keep([web]);
  assert.deepEqual(ordered, ['mta-sts.example.org']);
  assert.equal(log.lines.filter(({ event }) => event === 'certificate.nameLeftOut').length, 1);
  nowhere.clear();
  assert.deepEqual(await keeper.keep([web]), ['example.org']);
  assert.equal(ordered.at(-1), 'mta-sts.example.org autoconfig.example.org');
});

test('a name that was not proved is left out for a day, so that the others get theirs', async () => {
  const { keeper, clock, ordered, failWith } = keeperKit();
  failWith(new NamesNotProved(['autoconfig.example.org'], 'the port is closed'));
  assert.deepEqual(await keeper.keep([web]), []);
  assert.deepEqual(keeper.failing([web]), ['example.org']);
  failWith(undefined);
  clock.time += 10 * minuteMs;
  assert.deepEqual(await keeper.keep([web]), ['example.org']);
  assert.deepEqual(keeper.failing([web]), []);
  clock.time += dayMs;
  await keeper.keep([web]);
  assert.deepEqual(ordered, [
    'mta-sts.example.org autoconfig.example.org',
    'mta-sts.example.org',
    'mta-sts.example.org autoconfig.example.org',
  ]);
});

test('an order that fails is tried again later and later, and the old certificate stays', async () => {
  const { keeper, clock, kept, ordered, failWith, log } = keeperKit();
  await keeper.keep([mail]);
  const before = kept.get(mail.name);
  clock.time += 70 * dayMs;
  failWith(new Error('the authority is away'));
  const times: number[] = [];
  for (let minute = 0; minute < 60 * 60; minute++) {
    const { length } = ordered;
    await keeper.keep([mail]);
    if (ordered.length > length) times.push(minute);
    clock.time += minuteMs;
  }
  // After 10 minutes, 1 hour, 6 hours, then once a day.
  assert.deepEqual(times, [0, 10, 70, 430, 1870, 3310]);
  assert.equal(kept.get(mail.name), before);
  const said = log.lines.filter(({ event }) => event === 'certificate.failed');
  assert.equal(said.length, times.length);
  failWith(undefined);
  clock.time += dayMs;
  assert.deepEqual(await keeper.keep([mail]), ['mail.example.org']);
});
