/** A worker of `posta serve --workers`: listeners of its own on the server's ports, and nothing behind them. */
import { hostname as machineName } from 'node:os';
import { Certificates, certificateFiles } from '../../containers/listener/certificates.ts';
import { MemoryMetrics } from '../../drivers/system/metrics.ts';
import { PasswordHasher } from '../../mail/auth/password.ts';
import { canonicalDomain } from '../../mail/message/address.ts';
import type { Log } from '../../mail/ports/log.ts';
import { adminPorts } from '../admin-ports.ts';
import { openOneMachine } from '../one-machine.ts';
import type { ServeOptions } from '../options.ts';
import { openFront } from './front.ts';
import { openKeptCertificates } from './kept-certificates.ts';
import { ownCertificate } from './own-certificate.ts';
import { startPeriodic } from './periodic.ts';

/** `generation`: of the server that it belongs to. Disposing drains its sessions. */
export async function startAsWorker(
  options: ServeOptions,
  { generation, log }: { readonly generation: string; readonly log: Log },
): Promise<AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const machine = starting.use(await openOneMachine({ data: options.data, log, generation }));
  const hostname = hostnameOf(options);
  const metrics = new MemoryMetrics();
  const hasher = new PasswordHasher();
  const { directory } = adminPorts(machine, hasher);
  const certificates = starting.use(await loadCertificates(options, { machine, hostname, metrics, log }));
  if (options.acme) {
    const kept = await openKeptCertificates({ options, machine, hostname, directory, certificates });
    starting.use(startPeriodic([kept.look], { clock: machine.clock, log }));
  }
  starting.use(
    await openFront({
      options,
      machine,
      directory,
      hasher,
      hostname,
      certificates,
      metrics,
      sharing: 'more',
    }),
  );
  const started = starting.move();
  return { [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** What the server calls itself. */
export function hostnameOf({ hostname }: ServeOptions): string {
  return hostname ?? canonicalDomain(machineName()) ?? 'localhost';
}

/** The certificate that the options name, or one of our own. */
export async function loadCertificates(
  { tlsCert, tlsKey }: ServeOptions,
  parts: {
    readonly machine: { readonly dataDir: string };
    readonly hostname: string;
    readonly metrics: MemoryMetrics;
    readonly log: Log;
  },
): Promise<Certificates> {
  const { machine, hostname, metrics, log } = parts;
  const files =
    tlsCert === undefined || tlsKey === undefined
      ? await ownCertificate(machine.dataDir, [hostname])
      : { certificate: tlsCert, key: tlsKey };
  return Certificates.load({ sources: [certificateFiles(files)], log, metrics });
}
