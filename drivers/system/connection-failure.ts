/** What the system says of a connection that failed, in the port's kinds. */
import { ConnectionFailed } from '../../mail/ports/connector.ts';

/** By the system's code, or Node's; what is not here has broken the connection in some way. */
const kinds: Readonly<Record<string, ConnectionFailed['kind']>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EAFNOSUPPORT: 'unreachable',
  EINVAL: 'unreachable',
  // What a firewall on this machine says.
  EACCES: 'unreachable',
  EPERM: 'unreachable',
};

/** The machine is short of something: a fault of ours, which no other server is to blame for. */
const ours: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** `place` for people; a fault of ours comes back as it is. */
export function connectionFailure(error: NodeJS.ErrnoException, place: string): Error {
  const code = error.code ?? 'no code';
  if (ours.has(code)) return error;
  const kind = kinds[code] ?? 'closed';
  return new ConnectionFailed(kind, `${words[kind]} (${place}, ${code})`);
}

const words: Readonly<Record<ConnectionFailed['kind'], string>> = {
  refused: 'nobody listens there',
  unreachable: 'there is no way there',
  timeout: 'no answer came',
  tls: 'the TLS handshake failed',
  closed: 'the connection broke',
};
