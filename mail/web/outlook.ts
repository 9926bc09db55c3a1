/** Outlook's autodiscovery, in plain old XML ([MS-OXDSCLI]): settings of IMAP, POP3 and SMTP for an address. */
import { parseAddress, type EmailAddress } from '../message/address.ts';
import type { ClientSettings } from './client-settings.ts';
import type { WebResponse } from './exchange.ts';
import { escapeXml, unescapeXml } from './xml.ts';

const responseSchema = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const outlookSchema = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

/** The address that the request asks for; undefined where it asks for none, or for an answer of another kind. */
export function parseAutodiscover(body: string): EmailAddress | undefined {
  const schema = element(body, 'AcceptableResponseSchema');
  if (schema !== undefined && schema !== outlookSchema) return undefined;
  return parseAddress(element(body, 'EMailAddress') ?? '');
}

function element(body: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]{1,400})</${name}>`).exec(body)?.[1];
  return text === undefined ? undefined : unescapeXml(text.trim());
}

/** Outlook takes the first protocol that it knows: IMAP before POP3. */
export function autodiscoverSettings(loginName: string, { hostname, ports }: ClientSettings): WebResponse {
  const protocol = (type: string, port: number, more = '') => `      <Protocol>
        <Type>${type}</Type>
        <Server>${escapeXml(hostname)}</Server>
        <Port>${port}</Port>
        <LoginName>${escapeXml(loginName)}</LoginName>
        <DomainRequired>off</DomainRequired>
        <SPA>off</SPA>
        <SSL>on</SSL>
        <AuthRequired>on</AuthRequired>
${more}      </Protocol>
`;
  const sameUser = `        <UsePOPAuth>on</UsePOPAuth>
        <SMTPLast>off</SMTPLast>
`;
  return xml(`  <Response xmlns="${outlookSchema}">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
${protocol('IMAP', ports.imaps)}${protocol('POP3', ports.pop3s)}${protocol('SMTP', ports.submissions, sameUser)}    </Account>
  </Response>
`);
}

/** 600: the request cannot be understood. 500: there are no settings for its address. */
export function autodiscoverError(code: 500 | 600, message: string): WebResponse {
  return xml(`  <Response>
    <Error>
      <ErrorCode>${code}</ErrorCode>
      <Message>${escapeXml(message)}</Message>
      <DebugData />
    </Error>
  </Response>
`);
}

function xml(response: string): WebResponse {
  const body = `<?xml version="1.0" encoding="utf-8"?>\n<Autodiscover xmlns="${responseSchema}">\n${response}</Autodiscover>\n`;
  return { status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, body };
}
