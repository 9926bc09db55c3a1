/** `posta serve --acme` against a real certificate authority: it proves its names on its port for HTTPS, and renews while connections stand. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Zone } from '../contracts/zone.ts';
import { startDnsServer } from '../drivers/system/dns-server.ts';
import { freePortBase } from '../end-to-end/free-ports.ts';
import { TestPosta } from '../end-to-end/posta.ts';
import { startPebble } from './pebble.ts';

const here = { a: ['127.0.0.1'] };
/** Of the second domain, one name leads nowhere. */
const zone: Zone = {
  'mail.example.org': here,
  'mta-sts.example.org': here,
  'autoconfig.example.org': here,
  'autodiscover.example.org': here,
  'mta-sts.other.example': here,
};

interface Shown {
  readonly socket: TLSSocket;
  readonly names: string;
  readonly fingerprint: string;
  readonly trusted: boolean;
}

async function shownBy(
  port: number,
  servername: string,
  more: { readonly ca?: string; readonly ALPNProtocols?: string[] } = {},
): Promise<Shown> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false, ...more });
  await once(socket, 'secureConnect');
  const { subjectaltname = '', fingerprint256 } = socket.getPeerCertificate();
  return { socket, names: subjectaltname, fingerprint: fingerprint256, trusted: socket.authorized };
}

async function until<Value>(look: () => Promise<Value | undefined>, what: () => string): Promise<Value> {
  for (let waited = 0; waited < 60_000; waited += 100) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error(`it did not happen within a minute: ${what()}`);
}

async function acmeKit({ validitySeconds }: { readonly validitySeconds?: number } = {}) {
  await using starting = new AsyncDisposableStack();
  const dns = starting.use(await startDnsServer({ zone }));
  const [portBase, other] = [await freePortBase(), await freePortBase()];
  const pebble = starting.use(
    await startPebble({
      tlsPort: portBase + 443,
      dnsServer: dns.address,
      port: other + 25,
      ...(validitySeconds === undefined ? {} : { validitySeconds }),
    }),
  );
  const args = ['--acme', '--acme-directory', pebble.directory, '--acme-ca', pebble.trust];
  const posta = starting.use(
    await TestPosta.start({
      portBase,
      accounts: { 'ann@example.org': 'correct horse', 'bob@other.example': 'battery staple' },
      args: [...args, '--hostname', 'mail.example.org', '--dns-server', dns.address],
    }),
  );
  const kept = starting.move();
  const ca = await pebble.root();
  const imaps = portBase + 993;
  const trusted = (name: string) =>
    until(
      async () => {
        const shown = await shownBy(imaps, name, { ca });
        if (shown.trusted) return shown;
        shown.socket.destroy();
        return undefined;
      },
      () => `a certificate for ${name}\n${pebble.output().slice(-3000)}`,
    );
  return { portBase, imaps, ca, pebble, posta, trusted, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

test('the server’s name and each domain get a certificate, chosen by the name a client asks for, while connections stand', async () => {
  await using kit = await acmeKit();
  // Before the first: its own, which stays with who connected by it.
  const early = await shownBy(kit.imaps, 'mail.example.org');
  const mail = await kit.trusted('mail.example.org');
  assert.equal(mail.names, 'DNS:mail.example.org');
  const web = await kit.trusted('autoconfig.example.org');
  assert.deepEqual(
    web.names.split(', ').toSorted((one, other) => one.localeCompare(other)),
    ['DNS:autoconfig.example.org', 'DNS:autodiscover.example.org', 'DNS:mta-sts.example.org'],
  );
  // A name that leads nowhere does not keep the others from theirs.
  const other = await kit.trusted('mta-sts.other.example');
  assert.equal(other.names, 'DNS:mta-sts.other.example');
  // Who names no host gets the server's own.
  const nameless = connect({ port: kit.imaps, host: '127.0.0.1', ca: kit.ca, rejectUnauthorized: false });
  await once(nameless, 'secureConnect');
  assert.equal(nameless.getPeerCertificate().subjectaltname, 'DNS:mail.example.org');
  if (early.fingerprint !== mail.fingerprint) {
    early.socket.write('a noop\r\n');
    const answer = await until(
      async () => (early.socket.read() as Buffer | null)?.toString(),
      () => 'an answer on the early connection',
    );
    assert.match(answer, /OK/);
  }
  // Where nothing is being proved, nobody is spoken to in the authority's protocol.
  const asking = await shownBy(kit.portBase + 443, 'mail.example.org', { ALPNProtocols: ['acme-tls/1'] });
  assert.equal(asking.socket.alpnProtocol || false, false);
  for (const { socket } of [early, mail, web, other, asking, { socket: nameless }]) socket.destroy();
  // A restart shows what was kept, from the first connection on.
  await kit.posta.stop();
  await kit.posta.serve();
  const again = await shownBy(kit.imaps, 'mail.example.org', { ca: kit.ca });
  assert.equal(again.fingerprint, mail.fingerprint);
  again.socket.destroy();
});
