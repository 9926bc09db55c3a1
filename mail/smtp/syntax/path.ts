/** Reverse-path and Forward-path (RFC 5321 section 4.1.2). */
import type { EmailAddress } from '../../message/address.ts';
import type { ForwardPath } from '../host.ts';
import { allows, type Oddity } from '../oddities.ts';
import { parseDomain, parseMailbox } from './mailbox.ts';
import { bad, ok, type Parsed } from './parsed.ts';

/** Reverse-path = Path / "<>"; null for the latter. `rest` begins with the space before the parameters, or is empty. */
export function parseReversePath(text: string): Parsed<EmailAddress | null> {
  return parsePath(text, (inside) => (inside.startsWith('>') ? ok(null, inside) : parseRouted(inside)));
}

/** Forward-path, `"<Postmaster>"` without a domain included (section 4.5.1). */
export function parseForwardPath(text: string): Parsed<ForwardPath> {
  return parsePath(text, (inside) => {
    const postmaster = /^postmaster(?=>|$)/i.exec(inside);
    if (postmaster !== null)
      return ok<ForwardPath>({ kind: 'postmaster' }, inside.slice(postmaster[0].length));
    if (inside.startsWith('>')) return bad('the address is empty');
    const mailbox = parseRouted(inside);
    if (mailbox.kind === 'bad') return mailbox;
    return ok<ForwardPath>({ kind: 'mailbox', address: mailbox.value }, mailbox.rest);
  });
}

/** The angle brackets, and what real clients make of them. */
function parsePath<Value>(text: string, parseInside: (text: string) => Parsed<Value>): Parsed<Value> {
  const start = tolerate('spaceBeforePath', text, /^[ \t]+/);
  if (!start.startsWith('<')) return allows('noAngleBrackets') ? parseBare(start, parseInside) : noBrackets;
  const inside = parseInside(start.slice(1));
  if (inside.kind === 'bad') return inside;
  if (!inside.rest.startsWith('>')) return bad('the address is not closed with ">"');
  return followed(ok(inside.value, inside.rest.slice(1)));
}

const noBrackets = bad('the address stands in angle brackets: <user@domain>');

function parseBare<Value>(text: string, parseInside: (text: string) => Parsed<Value>): Parsed<Value> {
  if (text === '') return noBrackets;
  const inside = parseInside(text);
  return inside.kind === 'bad' ? inside : followed(inside);
}

/** After a path comes the end of the line or a space. */
function followed<Value>(parsed: Parsed<Value>): Parsed<Value> {
  if (parsed.kind === 'bad' || parsed.rest === '' || parsed.rest.startsWith(' ')) return parsed;
  return bad('something stands behind the address');
}

/** [ A-d-l ":" ] Mailbox. The source route is taken and ignored, as section 4.1.1.3 and appendix C ask. */
function parseRouted(text: string): Parsed<EmailAddress> {
  let rest = text;
  while (rest.startsWith('@')) {
    const domain = parseDomain(rest.slice(1));
    if (domain.kind === 'bad') return domain;
    rest = domain.rest.slice(1);
    if (domain.rest.startsWith(':')) return parseMailbox(rest);
    if (!domain.rest.startsWith(',') || !rest.startsWith('@')) return bad('the source route is malformed');
  }
  return parseMailbox(rest);
}

function tolerate(oddity: Oddity, text: string, pattern: RegExp): string {
  return allows(oddity) ? text.replace(pattern, '') : text;
}
