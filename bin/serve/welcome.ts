/** What a newcomer reads after the first start: what to type into a mail client. */
import { defaultData } from '../place.ts';
import type { ServeOptions } from '../options.ts';
import { standardPorts } from '../../containers/standard-ports.ts';

export interface Welcome {
  readonly domains: readonly string[];
  readonly accounts: readonly { readonly address: string; readonly password: string }[];
}

/** The text; passwords are shown this once. */
export function welcomeText({ domains, accounts }: Welcome, options: ServeOptions): string {
  const port = (standard: number) => options.portBase + standard;
  const width = Math.max(...accounts.map(({ address }) => address.length));
  const [first] = accounts;
  return [
    '',
    `A new data directory was made in ${options.data}, with ${domains.join(' and ')}. For your mail client:`,
    '',
    ...accounts.map(
      ({ address, password }) => `    user name  ${address.padEnd(width)}    password  ${password}`,
    ),
    '',
    `    incoming   IMAP, localhost, port ${port(standardPorts.imaps)}, SSL/TLS   (or port ${port(standardPorts.imap)}, STARTTLS)`,
    `               POP3, localhost, port ${port(standardPorts.pop3s)}, SSL/TLS   (or port ${port(standardPorts.pop3)}, STARTTLS)`,
    `    outgoing   SMTP, localhost, port ${port(standardPorts.submissions)}, SSL/TLS   (or port ${port(standardPorts.submission)}, STARTTLS)`,
    '',
    ...(options.tlsCert === undefined
      ? ['The certificate is this server’s own: your client asks once whether to trust it.']
      : []),
    `These passwords are shown only now. Another one: npx posta account password ${first?.address ?? 'ADDRESS'}${dataOf(options)}`,
    '',
  ].join('\n');
}

/** What a command needs to find this data directory. */
function dataOf({ data }: ServeOptions): string {
  return data === defaultData ? '' : ` --data ${data}`;
}
