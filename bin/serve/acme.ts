/** `--acme`: certificates for the server's own name and for each domain, from a certificate authority, kept in the data directory. */
import { readFile } from 'node:fs/promises';
import { AlpnChallenges } from '../../containers/listener/alpn-challenges.ts';
import { acmeAuthority, newAccountKey } from '../../drivers/acme/acme-authority.ts';
import { systemResolver } from '../../drivers/system/resolver.ts';
import { dnsProver } from '../../mail/certificate/dns-prover.ts';
import { CertificateKeeper } from '../../mail/certificate/keep-certificates.ts';
import type { Prover } from '../../mail/ports/certificates.ts';
import { CommandFailure } from '../failure.ts';
import { openKeptCertificates, type KeptCertificatesParts } from './kept-certificates.ts';
import { startPeriodic } from './periodic.ts';

export interface Acme extends AsyncDisposable {
  /** Shown by the listeners, where the names are proved by them. */
  readonly challenges: AlpnChallenges | undefined;
  /** Begins to order what is missing; the listeners stand. */
  start(): void;
}

const everyMs = 60_000;
const firstMs = 500;

/** Shows what was kept before. Rejects with an error for people where the options do not do. */
export async function openAcme({
  options,
  machine,
  hostname,
  directory,
  certificates,
}: KeptCertificatesParts): Promise<Acme> {
  const { clock, log } = machine;
  if (!hostname.includes('.') || hostname.endsWith('.localhost'))
    throw new CommandFailure(
      `--acme cannot get a certificate for ${hostname}. Give --hostname, the name that the DNS leads here and that clients connect to`,
    );
  const { store, wanted, show } = await openKeptCertificates({
    options,
    machine,
    hostname,
    directory,
    certificates,
  });
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

/** Loaded only where it is used: starting is quicker without. */
async function route53Prover(hostedZoneId: string): Promise<Prover> {
  const { Route53Client } = await import('@aws-sdk/client-route-53');
  const { Route53Zone } = await import('../../drivers/aws/route-53-zone.ts');
  return dnsProver(new Route53Zone({ client: new Route53Client(), hostedZoneId }));
}
