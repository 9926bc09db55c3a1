/** The names that certificates are for. */

/** What other servers and mail clients ask for by HTTPS, besides the server's own name. */
const webNames = ['mta-sts', 'autoconfig', 'autodiscover'];

export function webNamesOf(domain: string): readonly string[] {
  return webNames.map((name) => `${name}.${domain}`);
}
