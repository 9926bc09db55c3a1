/** What the function `certify` does, against a real certificate authority that asks our DNS: proved by records, kept in a secret. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { acmeAuthority, newAccountKey } from '../../drivers/acme/acme-authority.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { certifyByAuthority } from '../../lambdas/certify/certify.ts';
import { dnsProver } from '../../mail/certificate/dns-prover.ts';
import type { CertificatePair } from '../../mail/ports/certificates.ts';
import type { Zone, ZoneRecord } from '../../mail/ports/zone.ts';
import { readFile } from 'node:fs/promises';
import { recordingLog } from '../contracts/recording-log.ts';
import type { ZoneName } from '../contracts/zone.ts';
import { startDnsServer } from '../drivers/system/dns-server.ts';
import { freePortBase } from '../end-to-end/free-ports.ts';
import { startPebble } from './pebble.ts';

const names = ['mail.example.org', 'mta-sts.example.org', 'autoconfig.example.org'];

/** A zone that our DNS server answers from, with the names that it does not take. */
function servedZone(refused: ReadonlySet<string> = new Set()) {
  const served: Record<string, ZoneName> = {};
  const put: string[] = [];
  const zone: Zone = {
    async put(records: readonly ZoneRecord[]) {
      for (const { name, values } of records) {
        put.push(name);
        const txt = values.map((value) => value.slice(1, -1));
        if (!refused.has(name)) served[name] = { txt };
      }
    },
    async remove(records: readonly ZoneRecord[]) {
      for (const { name } of records) delete served[name];
    },
  };
  return { served, put, zone };
}

async function certifyKit(refused?: ReadonlySet<string>) {
  await using starting = new AsyncDisposableStack();
  const { served, put, zone } = servedZone(refused);
  const dns = starting.use(await startDnsServer({ zone: served }));
  const port = (await freePortBase()) + 25;
  const pebble = starting.use(await startPebble({ tlsPort: 1, dnsServer: dns.address, port }));
  let kept: CertificatePair | undefined;
  const log = recordingLog();
  const certify = certifyByAuthority(
    {
      authority: acmeAuthority({
        directory: pebble.directory,
        accountKey: await newAccountKey(),
        mail: 'admin@example.org',
        trusted: await readFile(pebble.trust, 'utf8'),
      }),
      prover: dnsProver(zone),
      store: { read: async () => kept, write: async (_, pair) => void (kept = pair) },
      leadsHere: async () => true,
      clock: systemClock(),
      log,
    },
    names,
  );
  const started = starting.move();
  return {
    certify,
    served,
    put,
    log,
    root: () => pebble.root(),
    kept: () => kept,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

test('one certificate for all names, proved by records that are gone afterwards', async () => {
  await using kit = await certifyKit();
  await kit.certify();
  const pair = kit.kept();
  assert.ok(pair !== undefined);
  const [leaf, intermediate] = pair.certificate.split(/(?<=-----END CERTIFICATE-----\n)/);
  const x509 = new X509Certificate(leaf ?? '');
  for (const name of names) assert.equal(x509.checkHost(name), name);
  assert.ok(x509.verify(new X509Certificate(intermediate ?? '').publicKey));
  assert.deepEqual(
    kit.put.toSorted((one, other) => one.localeCompare(other)),
    names.map((name) => `_acme-challenge.${name}`).toSorted((one, other) => one.localeCompare(other)),
  );
  assert.deepEqual(kit.served, {});
  // Nothing is due: nothing is asked for.
  await kit.certify();
  assert.equal(kit.put.length, names.length);
});

test('a name that cannot be proved is named with what the authority says, and its record is gone too', async () => {
  await using kit = await certifyKit(new Set(['_acme-challenge.mta-sts.example.org']));
  await assert.rejects(kit.certify(), /there is no new certificate for mail\.example\.org/);
  assert.deepEqual(kit.served, {});
  assert.equal(kit.kept(), undefined);
  const failed = kit.log.lines.find(({ event }) => event === 'certificate.failed');
  assert.match(
    JSON.stringify(failed, (_, value: unknown) => (value instanceof Error ? value.message : value)),
    /mta-sts\.example\.org could not be proved.*(NXDOMAIN|DNS|No TXT)/i,
  );
});
