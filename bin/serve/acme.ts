/** `--acme`: certificates for the server's own name and for each domain, from a certificate authority, kept in the data directory. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AlpnChallenges } from '../../containers/listener/alpn-challenges.ts';
import type { Certificates } from '../../containers/listener/certificates.ts';
import { acmeAuthority, newAccountKey } from '../../drivers/acme/acme-authority.ts';
import { CertificateFolder } from '../../drivers/system/certificate-folder.ts';
import { systemResolver } from '../../drivers/system/resolver.ts';
import { webNamesOf } from '../../mail/certificate/certificate-names.ts';
import { dnsProver } from '../../mail/certificate/dns-prover.ts';
import { CertificateKeeper, type WantedCertificate } from '../../mail/certificate/keep-certificates.ts';
import type { Directory } from '../../mail/directory/directory.ts';
import type { Prover } from '../../mail/ports/certificates.ts';
import { CommandFailure } from '../failure.ts';
import type { OneMachine } from '../one-machine.ts';
import type { ServeOptions } from '../options.ts';
import { startPeriodic } from './periodic.ts';

export interface AcmeParts {
  readonly options: ServeOptions;
  readonly machine: OneMachine;
  readonly hostname: string;
  readonly directory: Directory;
  readonly certificates: Certificates;
}

export interface Acme extends AsyncDisposable {
  /** Shown by the listeners, where the names are proved by them. */
  readonly challenges: AlpnChallenges | undefined;
  /** Begins to order what is missing; the listeners stand. */
  start(): void;
}

const everyMs = 60_000;
const firstMs = 500;
/** Each has a certificate of its own. */
const maxDomains = 1000;

/** Shows what was kept before. Rejects with an error for people where the options do not do. */
export async function openAcme({
  options,
  machine,
  hostname,
  directory,
  certificates,
}: AcmeParts): Promise<Acme> {
  const { clock, log, dataDir } = machine;
  if (!hostname.includes('.') || hostname.endsWith('.localhost'))
    throw new CommandFailure(
      `--acme cannot get a certificate for ${hostname}. Give --hostname, the name that the DNS leads here and that clients connect to`,
    );
  const store = new CertificateFolder(join(dataDir, 'tls', folderOf(options.acmeDirectory)));
  const accountKey = await store.accountKey(newAccountKey);
  const ending = new AbortController();
  const { dnsServer: servers } = options;
  const resolver = systemResolver({ signal: ending.signal, ...(servers === undefined ? {} : { servers }) });
  const challenges = options.acmeZone === undefined ? new AlpnChallenges() : undefined;
  const keeper = new CertificateKeeper({
    authority: acmeAuthority({
      directory: options.acmeDirectory,
      accountKey,
      ...(options.acmeMail === undefined ? {} : { mail: options.acmeMail }),
      ...(options.acmeCa === undefined ? {} : { trusted: await readFile(options.acmeCa, 'utf8') }),
    }),
    prover: challenges ?? (await route53Prover(options.acmeZone ?? '')),
    store,
    leadsHere: async (name) => {
      const { kind } = await resolver.resolveAddresses(name);
      return kind === 'found' || kind === 'failed';
    },
    clock,
    log,
  });
  const wanted = async (): Promise<readonly WantedCertificate[]> => [
    { name: hostname, names: [hostname] },
    ...(await directory.listDomainNames(maxDomains)).map((name) => ({ name, names: webNamesOf(name) })),
  ];
  const show = async (name: string) => {
    const read = async () => {
      const pair = await store.read(name);
      if (pair === undefined) throw new Error(`the certificate for ${name} is no longer there`);
      return pair;
    };
    await certificates.add({ name: `acme ${name}`, read }, { first: name === hostname });
  };
  for (const { name } of await wanted()) if ((await store.read(name)) !== undefined) await show(name);
  let periodic: AsyncDisposable | undefined;
  return {
    challenges,
    start() {
      const run = async (signal: AbortSignal) => {
        for (const name of await keeper.keep(await wanted(), { signal })) await show(name);
      };
      periodic = startPeriodic([{ name: 'certificates', everyMs, firstMs, run }], { clock, log });
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await periodic?.[Symbol.asyncDispose]();
    },
  };
}

/** Certificates of another authority, one for tests say, are not taken for those of this. */
function folderOf(directoryUrl: string): string {
  return `acme-${new URL(directoryUrl).host.replaceAll(/[^a-z0-9.-]/g, '-')}`;
}

/** Loaded only where it is used: starting is quicker without. */
async function route53Prover(hostedZoneId: string): Promise<Prover> {
  const { Route53Client } = await import('@aws-sdk/client-route-53');
  const { Route53Zone } = await import('../../drivers/aws/route-53-zone.ts');
  return dnsProver(new Route53Zone({ client: new Route53Client(), hostedZoneId }));
}
