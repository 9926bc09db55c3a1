/**
 * Posta and what a user would pick instead, on this machine, the same work for each, in turn:
 *
 *     npm run bench                            everything, well over an hour; as root on Debian, for the others' packages
 *     npm run bench -- smtp delivery           parts: smtp delivery login change large search pop3 memory
 *     npm run bench -- --servers posta         these alone
 *     npm run bench -- --rounds 1 --only '10 KB' --profile /tmp/profile
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { generate } from 'selfsigned';
import { measure } from './measure.ts';
import { report } from './report.ts';
import type { BenchServer, Role } from './servers/bench-server.ts';
import { bare } from './servers/bare.ts';
import { eximDovecot } from './servers/exim-dovecot.ts';
import { eximPackages, eximUser } from './servers/exim.ts';
import { addSystemUser, install, unpack } from './servers/packages.ts';
import { postfixDovecot, postfixDovecotTuned } from './servers/postfix-dovecot.ts';
import { cyrusPackages } from './servers/cyrus.ts';
import { postfixCyrus } from './servers/postfix-cyrus.ts';
import { posta } from './servers/posta.ts';
import { sink } from './servers/sink.ts';
import { smtpServer } from './servers/smtp-server.ts';
import { changeWorks } from './works/change.ts';
import { deliveryWorks } from './works/delivery.ts';
import { largeWorks } from './works/large.ts';
import { loginWorks } from './works/login.ts';
import { memoryWorks } from './works/memory.ts';
import { pop3Works } from './works/pop3.ts';
import { searchWorks } from './works/search.ts';
import { smtpWorks } from './works/smtp.ts';

const works = [
  ...largeWorks,
  ...searchWorks,
  ...pop3Works,
  ...loginWorks,
  ...changeWorks,
  ...smtpWorks,
  ...deliveryWorks,
  ...memoryWorks,
];

const { values, positionals: parts } = parseArgs({
  allowPositionals: true,
  options: {
    servers: { type: 'string', default: 'posta,dovecot,tuned,exim,cyrus,smtp-server,bare,sink' },
    rounds: { type: 'string', default: '3' },
    scratch: { type: 'string', default: '/var/tmp' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    profile: { type: 'string' },
  },
});

/** Where Posta's processes leave what they spent their time on, for the inspector of a browser. */
const nodeArgs =
  values.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', resolve(values.profile)];
const progress = (text: string) => {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : text.endsWith('\n') ? text : '');
};

const dovecotPackages = ['dovecot-imapd', 'dovecot-pop3d', 'dovecot-lmtpd'];
const postfixAndDovecot = ['postfix', ...dovecotPackages];

/** By the name that `--servers` gives; what one needs is installed when it is asked for. */
const servers: Readonly<Record<string, () => BenchServer>> = {
  posta: () => posta('Posta', { nodeArgs }),
  workers: () => posta('Posta, 2 workers', { args: ['--workers', '2'], nodeArgs }),
  dovecot: () => {
    install(postfixAndDovecot, progress);
    return postfixDovecot();
  },
  tuned: () => {
    install(postfixAndDovecot, progress);
    return postfixDovecotTuned();
  },
  exim: () => {
    install(dovecotPackages, progress);
    const exim = unpack(eximPackages, progress);
    addSystemUser(eximUser);
    return eximDovecot(exim);
  },
  cyrus: () => {
    install(['postfix'], progress);
    return postfixCyrus(unpack(cyrusPackages, progress));
  },
  'smtp-server': () => smtpServer,
  bare: () => bare,
  sink: () => sink,
};

const chosenWorks = works.filter(
  ({ part, name }) => (parts.length === 0 || parts.includes(part)) && name.includes(values.only),
);
const chosenServers = values.servers.split(',').flatMap((name) => {
  const server = servers[name];
  if (server === undefined)
    throw new Error(`There is no server ${name}. There are ${Object.keys(servers).join(', ')}.`);
  try {
    return [server()];
  } catch (fault) {
    progress(`${name} is left out: ${String(fault)}\n`);
    return [];
  }
});

/** What was begun is ended in order; who asks twice is believed at once. */
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)));

const scratch = mkdtempSync(join(resolve(values.scratch), 'posta-bench-'));
// Postfix's and Dovecot's processes run as users of their own.
chmodSync(scratch, 0o755);
try {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'mx.bench.test' }], {
    keyType: 'ec',
    curve: 'P-256',
    notAfterDate: new Date(Date.now() + 86_400_000),
  });
  const certificate = { cert: join(scratch, 'certificate.pem'), key: join(scratch, 'key.pem') };
  writeFileSync(certificate.cert, cert);
  writeFileSync(certificate.key, key, { mode: 0o600 });
  const measurements = await measure({
    servers: chosenServers,
    works: chosenWorks,
    rounds: Number(values.rounds),
    scratch,
    certificate,
    progress,
    signal: interrupted.signal,
  });
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(measurements, null, 1));
  const [own = sink, ...rest] = chosenServers;
  const named = (wanted: Role) => rest.filter(({ role }) => role === wanted).map(({ name }) => name);
  process.stdout.write(
    `${report({
      works: chosenWorks,
      ...measurements,
      posta: own.name,
      peers: named('full'),
      smtpOnly: named('smtpOnly'),
      others: named('ceiling'),
    })}\n`,
  );
} catch (fault) {
  if (!interrupted.signal.aborted) throw fault;
  progress('interrupted: what was running is stopped\n');
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}
