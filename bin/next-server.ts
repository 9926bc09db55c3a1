/** A server that mail is handed on to, as an option writes it: `host:port`, `smtp://…`, `smtps://user:password@host`. */
import { Secret } from '../mail/auth/secret.ts';
import { canonicalDomain } from '../mail/message/address.ts';
import { CommandFailure } from './failure.ts';
import { parseDomain } from './values.ts';

export interface NextServer {
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet on (`smtps`); else STARTTLS where it is offered. */
  readonly implicitTls: boolean;
  readonly credentials?: { readonly user: string; readonly password: Secret };
}

/** The standard ports of the schemes: a smart host is where users submit. */
const ports: Readonly<Record<string, number>> = { smtp: 587, smtps: 465 };

const howSmartHost = 'Write such as smtps://user:password@smtp.example.org or smtp://192.0.2.1:2525.';

/**
 * A server with a scheme, and perhaps a user: special characters of user and password as %xx. What is wrong is not
 * repeated, for it may hold the password.
 */
export function parseSmartHost(text: string): NextServer {
  const server = parseServer(text);
  if (server === undefined) throw new CommandFailure(`--smart-host is no server. ${howSmartHost}`);
  return server;
}

/** `domain=host:port`, for one domain; with a scheme and a user as a smart host has them. */
export function parseRoute(text: string): readonly [domain: string, server: NextServer] {
  const at = text.indexOf('=');
  const written = text.slice(at + 1);
  const server = parseServer(/^[a-z]+:\/\//i.test(written) ? written : `smtp://${withPort(written)}`);
  if (at < 1 || server === undefined)
    throw new CommandFailure(
      '--route is no domain and its server. Write such as example.org=mx.example.org:25.',
    );
  return [parseDomain(text.slice(0, at)), server];
}

/** A route is to another server's own port, 25, unless it names one. */
function withPort(written: string): string {
  return /:\d+$/.test(written) ? written : `${written}:25`;
}

function parseServer(text: string): NextServer | undefined {
  const url = URL.parse(text);
  const standard = ports[url?.protocol.slice(0, -1) ?? ''];
  if (url === null || standard === undefined || !/^\/?$/.test(url.pathname + url.search + url.hash))
    return undefined;
  // An IPv6 address in brackets, or an IPv4 address, which URL has brought into its one form.
  const literal = /^\[(.*)\]$/.exec(url.hostname)?.[1] ?? /^[\d.]+$/.exec(url.hostname)?.[0];
  const host = literal ?? canonicalDomain(url.hostname);
  const credentials = credentialsOf(url);
  if (host === undefined || credentials === undefined) return undefined;
  const port = url.port === '' ? standard : Number(url.port);
  return { host, port, implicitTls: url.protocol === 'smtps:', ...credentials };
}

/** undefined: a user without a password, or the other way round, or what is no %xx. */
function credentialsOf({ username, password }: URL): Pick<NextServer, 'credentials'> | undefined {
  if (username === '' && password === '') return {};
  if (username === '' || password === '') return undefined;
  try {
    const user = decodeURIComponent(username);
    return { credentials: { user, password: new Secret(decodeURIComponent(password)) } };
  } catch {
    return undefined;
  }
}
