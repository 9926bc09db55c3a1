/** Whether the server is there on its ports, with a certificate that clients take. */
import type { CertificateSeen, PortNotSeen, PortSeen, ServerLook } from '../ports/server-look.ts';
import type { Finding } from './finding.ts';

export interface CheckedPort {
  /** The standard port, by which people know it. */
  readonly standard: number;
  readonly port: number;
  /** It wants a PROXY header. */
  readonly proxied?: boolean;
}

export interface ListenersChecked {
  /** Where to connect to. */
  readonly host: string;
  /** Whom the certificate must be for. */
  readonly hostname: string;
  readonly ports: readonly CheckedPort[];
  readonly server: ServerLook;
  readonly nowMs: number;
}

interface Kind {
  readonly called: string;
  /** Said to hear of STARTTLS; without it TLS comes first. */
  readonly hello?: string;
  readonly greets: RegExp;
}

const ehlo = 'EHLO doctor.invalid\r\n';
const kinds: ReadonlyMap<number, Kind> = new Map([
  [25, { called: 'mail from other servers', hello: ehlo, greets: /^220 / }],
  [465, { called: 'submission with TLS', greets: /^220 / }],
  [587, { called: 'submission', hello: ehlo, greets: /^220 / }],
  [143, { called: 'IMAP', hello: 'a CAPABILITY\r\n', greets: /^\* OK/ }],
  [993, { called: 'IMAP with TLS', greets: /^\* OK/ }],
  [110, { called: 'POP3', hello: 'CAPA\r\n', greets: /^\+OK/ }],
  [995, { called: 'POP3 with TLS', greets: /^\+OK/ }],
  [443, { called: 'settings for clients, by HTTPS', greets: /^$/ }],
]);

/** Names by which the pages of a domain are asked for: settings of clients, and the policy of MTA-STS. */
const pages = ['mta-sts', 'autoconfig', 'autodiscover'];

/** Whether the certificate that is shown at these names is for them: clients and other servers go elsewhere without. */
export async function checkPages(
  { host, ports, server }: ListenersChecked,
  domains: readonly string[],
): Promise<readonly Finding[]> {
  const https = ports.find(({ standard }) => standard === 443);
  if (https === undefined) return [];
  const { port, proxied = false } = https;
  return Promise.all(
    domains.map(async (domain): Promise<Finding> => {
      const names = pages.map((page) => `${page}.${domain}`);
      const seen = await Promise.all(
        names.map((serverName) => server.look({ host, port, serverName, proxied })),
      );
      const missing = names.filter((name, at) => !isFor(seen[at], name));
      const what = `certificate for the pages of ${domain}`;
      if (missing.length === 0) return { area: 'certificate', state: 'ok', what, found: names.join(', ') };
      return {
        area: 'certificate',
        state: 'warning',
        what,
        found: `it is not for ${missing.join(', ')}: what is read there is not found`,
        todo: 'Have these names in the certificate: docs/certificates.md says how.',
      };
    }),
  );
}

/** Where the port does not answer, that is said already. A wildcard stands for one whole label (RFC 6125 section 6.4.3). */
function isFor(seen: PortSeen | PortNotSeen | undefined, name: string): boolean {
  if (seen?.kind !== 'seen') return true;
  const wildcard = `*${name.slice(name.indexOf('.'))}`;
  return (seen.certificate?.names ?? []).some((each) => [name, wildcard].includes(each.toLowerCase()));
}

const dayMs = 86_400_000;
const renewDays = 14;

export async function checkListeners(checked: ListenersChecked): Promise<readonly Finding[]> {
  const all = await Promise.all(checked.ports.map((port) => checkPort(checked, port)));
  const certificates = all.flatMap(({ certificate }) => certificate ?? []);
  return [
    ...all.map(({ finding }) => finding),
    ...certificates.slice(0, 1).map((each) => judge(each, checked)),
  ];
}

async function checkPort(
  { host, hostname, server }: ListenersChecked,
  { standard, port, proxied = false }: CheckedPort,
): Promise<{ readonly finding: Finding; readonly certificate?: CertificateSeen }> {
  const { called, hello, greets } = kinds.get(standard) ?? { called: 'a port', greets: /^/ };
  const seen = await server.look({
    host,
    port,
    serverName: hostname,
    proxied,
    ...(hello === undefined ? {} : { hello }),
  });
  const what = `port ${port}, ${called}`;
  const area = 'server';
  if (seen.kind === 'notSeen') {
    const here = 'Does the server run? Do the firewall and the security group let it through?';
    const todo =
      standard === 25 ? `${here} Many networks let nobody out to port 25: try from another.` : here;
    return { finding: { area, state: standard === 25 ? 'warning' : 'problem', what, found: seen.why, todo } };
  }
  const rest = seen.certificate === undefined ? {} : { certificate: seen.certificate };
  if (!greets.test(seen.greeting)) {
    const todo = `Something else than Posta stands on ${host} port ${port}: look what it is.`;
    return { finding: { area, state: 'problem', what, found: `it says: ${seen.greeting}`, todo }, ...rest };
  }
  if (!seen.tls) {
    const todo = 'Look in the log for tls.certificateRefused.';
    return { finding: { area, state: 'problem', what, found: 'it offers no STARTTLS', todo }, ...rest };
  }
  const found = hello === undefined ? 'it answers, with TLS' : 'it answers, and offers STARTTLS';
  return { finding: { area, state: 'ok', what, found }, ...rest };
}

function judge({ names, validTo, refused }: CertificateSeen, { hostname, nowMs }: ListenersChecked): Finding {
  const days = Math.floor((validTo.getTime() - nowMs) / dayMs);
  const what = `certificate for ${hostname}`;
  const shown = `for ${names.join(', ') || 'no name'}, ${days} days left`;
  if (refused !== undefined)
    return {
      area: 'certificate',
      state: 'problem',
      what,
      found: `${shown}; clients refuse it: ${refused}`,
      todo: 'Get one from a certificate authority: docs/certificates.md says how.',
    };
  if (days < renewDays)
    return {
      area: 'certificate',
      state: 'warning',
      what,
      found: shown,
      todo: 'It should have been renewed by now: look in the log for certificate.failed.',
    };
  return { area: 'certificate', state: 'ok', what, found: shown };
}
