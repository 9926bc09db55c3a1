/** The certificates that `--acme` has got, in the data directory: shown by every process that has listeners. */
import { join } from 'node:path';
import type { Certificates } from '../../containers/listener/certificates.ts';
import { CertificateFolder } from '../../drivers/system/certificate-folder.ts';
import { webNamesOf } from '../../mail/certificate/certificate-names.ts';
import type { WantedCertificate } from '../../mail/certificate/keep-certificates.ts';
import type { Directory } from '../../mail/directory/directory.ts';
import type { OneMachine } from '../one-machine.ts';
import type { ServeOptions } from '../options.ts';
import type { Periodic } from './periodic.ts';

export interface KeptCertificatesParts {
  readonly options: ServeOptions;
  readonly machine: OneMachine;
  readonly hostname: string;
  readonly directory: Directory;
  readonly certificates: Certificates;
}

export interface KeptCertificates {
  readonly store: CertificateFolder;
  /** One for the server's own name, one for each domain. */
  readonly wanted: () => Promise<readonly WantedCertificate[]>;
  /** Shows one that is kept, from now on; what takes its place is found by looking. */
  readonly show: (name: string) => Promise<void>;
  /** Looks for those that another process has got since. */
  readonly look: Periodic;
}

/** Each has a certificate of its own. */
const maxDomains = 1000;
const lookEveryMs = 60_000;

/** Shows what was kept before. */
export async function openKeptCertificates({
  options,
  machine,
  hostname,
  directory,
  certificates,
}: KeptCertificatesParts): Promise<KeptCertificates> {
  const store = new CertificateFolder(join(machine.dataDir, 'tls', folderOf(options.acmeDirectory)));
  const shown = new Set<string>();
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
    shown.add(name);
  };
  const showNew = async () => {
    for (const { name } of await wanted())
      if (!shown.has(name) && (await store.read(name)) !== undefined) await show(name);
  };
  await showNew();
  return { store, wanted, show, look: { name: 'certificates', everyMs: lookEveryMs, run: showNew } };
}

/** Certificates of another authority, one for tests say, are not taken for those of this. */
function folderOf(directoryUrl: string): string {
  return `acme-${new URL(directoryUrl).host.replaceAll(/[^a-z0-9.-]/g, '-')}`;
}
