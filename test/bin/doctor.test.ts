/** `posta doctor` and `posta dns` as an admin types them, on a server that runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../mail/doctor/finding.ts';
import { startDnsServer } from '../drivers/system/dns-server.ts';
import { postaCommand, TestPosta } from '../end-to-end/posta.ts';

test('the doctor sees the ports and the certificate that is signed by itself, and says what to do', async () => {
  await using dns = await startDnsServer({ zone: {} });
  await using posta = await TestPosta.start({ args: ['--hostname', 'mail.example.test'] });
  const args = ['--data', posta.dataDir, '--port-base', String(posta.portBase), '--dns-server', dns.address];
  const examine = (...more: readonly string[]) =>
    postaCommand(['doctor', ...args, '--hostname', 'mail.example.test', ...more]);
  // What it was started with stands in the data directory.
  const known = ['--data', posta.dataDir, '--dns-server', dns.address];
  const { code, stdout } = await postaCommand(['doctor', ...known, '--json']);
  const findings = JSON.parse(stdout) as readonly Finding[];
  assert.equal(code, 1);
  const server = findings.filter(({ area }) => area === 'server');
  assert.equal(server.length, 8);
  for (const each of server) assert.equal(each.state, 'ok', JSON.stringify(each));
  const [certificate, pages] = findings.filter(({ area }) => area === 'certificate');
  assert.match(pages?.found ?? '', /it is not for mta-sts\.example\.test, autoconfig/);
  assert.match(certificate?.found ?? '', /for localhost, mail\.example\.test.*SELF_SIGNED/);
  for (const each of findings.filter(({ area }) => area === 'queues')) assert.equal(each.state, 'ok');
  const shown = (await examine()).stdout;
  assert.match(shown, /problem {3}MX example\.test: missing/);
  assert.match(shown, /example\.test\. 3600 IN MX 10 mail\.example\.test\./);
  const records = await postaCommand(['dns', 'example.test', ...args, '--hostname', 'mail.example.test']);
  assert.match(
    records.stdout,
    /^; mail for the domain.*\nexample\.test\. 3600 IN MX 10 mail\.example\.test\.\n/,
  );
  const again = await postaCommand(['dns', 'example.test', ...known]);
  assert.equal(again.stdout, records.stdout);
  const other = await postaCommand([
    'dns',
    'example.test',
    ...known,
    '--hostname',
    'mx.example.test',
    '--mx',
  ]);
  assert.match(other.stdout, /\nexample\.test\. 3600 IN MX 10 mx\.example\.test\.\n/);
  const unknown = await postaCommand(['dns', 'elsewhere.test', ...args]);
  assert.match(unknown.stderr, /^error: there is no domain elsewhere\.test\./);
});

test('ports that want a PROXY header get one, and the smart host is greeted', async () => {
  await using dns = await startDnsServer({ zone: {} });
  await using other = await TestPosta.start();
  const smartHost = `smtp://127.0.0.1:${other.portBase + 587}`;
  const options = [
    '--hostname',
    'mail.example.test',
    '--proxy-protocol',
    'required',
    '--smart-host',
    smartHost,
  ];
  await using posta = await TestPosta.start({ args: options });
  const place = ['--data', posta.dataDir, '--dns-server', dns.address];
  const examine = async (...more: readonly string[]) => {
    const { stdout } = await postaCommand(['doctor', '--json', ...place, ...more]);
    return JSON.parse(stdout) as readonly Finding[];
  };
  const findings = await examine();
  const server = findings.filter(({ area }) => area === 'server');
  assert.deepEqual(
    server.filter(({ state }) => state !== 'ok'),
    [],
  );
  assert.equal(server.length, 8);
  const sending = findings.filter(({ area }) => area === 'sending');
  assert.match(sending[0]?.found ?? '', /says: 220 /);
  await other.stop();
  const away = (await examine()).find(({ area }) => area === 'sending');
  assert.deepEqual([away?.state, away?.what], ['problem', 'the smart host']);
});
