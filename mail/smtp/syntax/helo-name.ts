/** The argument of EHLO and HELO: Domain or address-literal (RFC 5321 section 4.1.1.1), and what clients really send. */
import { maxDomainOctets } from '../../message/address.ts';
import { allows } from '../oddities.ts';
import { parseDomain } from './mailbox.ts';
import { bad, ok, type Parsed } from './parsed.ts';

/** The name as written, printable ASCII without spaces: it goes into the Received field and the log. */
export function parseHeloName(argument: string): Parsed<string> {
  if (argument === '') return bad('the name of your host is missing');
  if (!/^[\x21-\x7e]+$/.test(argument)) return bad('the name of your host is one word in ASCII');
  if (argument.length > maxDomainOctets) return bad('the name of your host is longer than 255 octets');
  const domain = parseDomain(argument);
  if (allows('heloName') || (domain.kind === 'ok' && domain.rest === '')) return ok(argument, '');
  return bad('the name of your host is a domain or an address literal');
}
