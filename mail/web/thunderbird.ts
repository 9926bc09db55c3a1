/** Mozilla's autoconfiguration: what Thunderbird and many others ask for (config file format 1.1). */
import type { ClientSettings } from './client-settings.ts';
import type { WebResponse } from './exchange.ts';
import { escapeXml } from './xml.ts';

/** The document for an address's domain. `%EMAILADDRESS%` is the client's to fill in. */
export function thunderbirdConfig(domain: string, { hostname, ports }: ClientSettings): WebResponse {
  const server = (element: string, type: string, port: number) => `    <${element} type="${type}">
      <hostname>${escapeXml(hostname)}</hostname>
      <port>${port}</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </${element}>
`;
  const name = escapeXml(domain);
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${name}">
    <domain>${name}</domain>
    <displayName>${name}</displayName>
    <displayShortName>${name}</displayShortName>
${server('incomingServer', 'imap', ports.imaps)}${server('incomingServer', 'pop3', ports.pop3s)}${server('outgoingServer', 'smtp', ports.submissions)}  </emailProvider>
</clientConfig>
`;
  return { status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, body };
}
