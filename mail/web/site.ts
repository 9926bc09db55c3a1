/**
 * The pages that a mail service shows by HTTPS: how mail clients find their settings, and other servers the policy of
 * MTA-STS. They say nothing of accounts: an address of one of our domains gets settings, whether it is there or not.
 */
import { canonicalDomain, formatAddress, parseAddress } from '../message/address.ts';
import type { ClientSettings } from './client-settings.ts';
import type { WebHandler, WebRequest, WebResponse } from './exchange.ts';
import { mtaStsPolicy, type MtaStsPolicy } from './mta-sts.ts';
import { autodiscoverError, autodiscoverSettings, parseAutodiscover } from './outlook.ts';
import { thunderbirdConfig } from './thunderbird.ts';

export interface SitePorts {
  /** Whether a domain's mail is ours; `name` is canonical. */
  readonly isOurs: (name: string) => Promise<boolean>;
  readonly settings: ClientSettings;
  readonly mtaSts: MtaStsPolicy;
}

type Page = (ports: SitePorts, request: WebRequest) => Promise<WebResponse>;

/** By path, in lower case: Outlook writes it in several ways. */
const pages: ReadonlyMap<string, { readonly methods: readonly string[]; readonly page: Page }> = new Map([
  ['/mail/config-v1.1.xml', { methods: ['GET'], page: thunderbird }],
  ['/.well-known/autoconfig/mail/config-v1.1.xml', { methods: ['GET'], page: thunderbird }],
  ['/autodiscover/autodiscover.xml', { methods: ['POST'], page: outlook }],
  ['/.well-known/mta-sts.txt', { methods: ['GET'], page: mtaSts }],
]);

export function webSite(ports: SitePorts): WebHandler {
  return async (request) => {
    const found = pages.get(request.path.toLowerCase());
    if (found === undefined) return notFound();
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (!found.methods.includes(method))
      return text(405, 'This page is not asked for so.', { allow: found.methods.join(', ') });
    return found.page(ports, request);
  };
}

/** The address says which domain; without one the name that was asked for does: autoconfig.<domain>, or the domain itself. */
async function thunderbird(ports: SitePorts, { query, host }: WebRequest): Promise<WebResponse> {
  const address = parseAddress(query.get('emailaddress') ?? '');
  const domain = canonicalDomain(address?.domain ?? host.replace(/^autoconfig\./, ''));
  if (domain === undefined || !(await ports.isOurs(domain))) return notFound();
  return thunderbirdConfig(domain, ports.settings);
}

async function outlook(ports: SitePorts, { body }: WebRequest): Promise<WebResponse> {
  const address = parseAutodiscover(body);
  if (address === undefined) return autodiscoverError(600, 'The request names no address.');
  const domain = canonicalDomain(address.domain);
  if (domain === undefined || !(await ports.isOurs(domain)))
    return autodiscoverError(500, 'This server has no mail of that domain.');
  return autodiscoverSettings(formatAddress(address), ports.settings);
}

/** RFC 8461 section 3.3: the policy of a domain stands at mta-sts.<domain>. */
async function mtaSts(ports: SitePorts, { host }: WebRequest): Promise<WebResponse> {
  const [, domain] = /^mta-sts\.(.+)$/.exec(host) ?? [];
  if (domain === undefined || !(await ports.isOurs(domain))) return notFound();
  return mtaStsPolicy(ports.mtaSts);
}

function notFound(): WebResponse {
  return text(404, 'There is no such page here.');
}

function text(status: number, body: string, headers: WebResponse['headers'] = {}): WebResponse {
  return { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' }, body: `${body}\n` };
}
