/** Where a message can be handed on: one address of one server, and how it is spoken to there. */
import type { TlsTarget } from '../../ports/connector.ts';
import type { Credentials, StartTlsPolicy } from '../../smtp/client/options.ts';

export interface Place {
  /** For people: `mx.example.org [192.0.2.1]`, with the port where it is not 25. */
  readonly remote: string;
  readonly address: string;
  readonly port: number;
  /** TLS from the first octet on. */
  readonly implicitTls?: TlsTarget;
  readonly startTls: StartTlsPolicy;
  readonly credentials?: Credentials;
  /** Lower ones are tried first. */
  readonly preference: number;
}

/** `host [address]`, or the address alone where that is all that is known. */
export function remoteName({
  host,
  address,
  port,
}: {
  readonly host: string;
  readonly address: string;
  readonly port: number;
}): string {
  const name = host === address ? `[${address}]` : `${host} [${address}]`;
  return port === 25 ? name : `${name}:${port}`;
}

/** Two places with the same key take each other's sessions. */
export function placeKey({ remote, implicitTls, startTls, credentials }: Place): string {
  const tls = implicitTls === undefined ? startTls.kind : 'implicit';
  return JSON.stringify([remote, tls, credentials?.user ?? null]);
}
