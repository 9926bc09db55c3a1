/** The TLS handshake of one connection, for implicit TLS and STARTTLS alike. */
import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import type { TlsSession } from '../../mail/wire/engine.ts';

/** Where a handshake finds its certificate. */
export interface SecureContexts {
  /** The context for the name that the client asked for (SNI), or for none. */
  context(serverName?: string): SecureContext;
}

/** Few values, for a metric; the `code` of a failure has the details. */
export type HandshakeFailureReason =
  | 'timeout'
  | 'disconnected'
  | 'protocolVersion'
  | 'noSharedCipher'
  | 'certificateRefused'
  | 'notTls'
  | 'other';

/** The handshake came to nothing; the socket is destroyed. */
export class HandshakeFailed extends Error {
  readonly reason: HandshakeFailureReason;
  /** OpenSSL's or the system's. */
  readonly code: string | undefined;
  constructor(reason: HandshakeFailureReason, code?: string) {
    super(`the TLS handshake failed: ${code ?? reason}`);
    this.name = 'HandshakeFailed';
    this.reason = reason;
    this.code = code;
  }
}

export interface Secured {
  readonly socket: TLSSocket;
  readonly session: TlsSession;
}

export interface SecureOptions {
  readonly contexts: SecureContexts;
  readonly timeoutMs: number;
  /** The one protocol that is agreed to (RFC 7301); without it none is spoken of. */
  readonly alpn?: string;
}

/**
 * Does the server's side. Bytes that wait in `socket` go into the handshake, where anything but a ClientHello fails.
 * Rejects with `HandshakeFailed`.
 */
export function secure(socket: Socket, { contexts, timeoutMs, alpn }: SecureOptions): Promise<Secured> {
  if (socket.destroyed) return Promise.reject(new HandshakeFailed('disconnected'));
  return new Promise((resolve, reject) => {
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext: contexts.context(),
      ...(alpn === undefined ? {} : { ALPNProtocols: alpnOf(alpn) }),
      SNICallback: (serverName, answer) => answer(null, contexts.context(serverName)),
    });
    const settle = () => {
      clearTimeout(timer);
      secured.off('secure', onSecure).off('end', onClose).off('close', onClose).off('_tlsError', onTlsError);
    };
    const fail = (failure: HandshakeFailed) => {
      settle();
      secured.destroy();
      socket.destroy();
      reject(failure);
    };
    const onSecure = () => {
      settle();
      resolve({ socket: secured, session: sessionOf(secured) });
    };
    const onClose = () => fail(new HandshakeFailed('disconnected'));
    const onTlsError = (fault: NodeJS.ErrnoException) =>
      fail(new HandshakeFailed(reasonOf(fault.code), fault.code));
    const timer = setTimeout(() => fail(new HandshakeFailed('timeout')), timeoutMs);
    // While a server's handshake lasts, Node reports what breaks it as `_tlsError`, as tls.Server itself relies on.
    secured.on('secure', onSecure).on('end', onClose).on('close', onClose).on('_tlsError', onTlsError);
    // A later fault of the socket is followed by `close`, which is what its owner listens to.
    secured.on('error', () => {});
  });
}

/** As OpenSSL wants it: each name with its length before it. */
function alpnOf(protocol: string): Buffer {
  return Buffer.concat([Buffer.from([protocol.length]), Buffer.from(protocol, 'latin1')]);
}

function sessionOf(secured: TLSSocket): TlsSession {
  // `servername` is false where the client named none.
  const serverName: unknown = (secured as { readonly servername?: unknown }).servername;
  return {
    version: secured.getProtocol() ?? 'unknown',
    cipher: secured.getCipher().standardName,
    ...(typeof serverName === 'string' && serverName !== '' ? { serverName } : {}),
  };
}

function reasonOf(code = ''): HandshakeFailureReason {
  if (/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|VERSION_TOO_LOW/.test(code)) return 'protocolVersion';
  if (/NO_SHARED_CIPHER|NO_SUITABLE/.test(code)) return 'noSharedCipher';
  if (/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE|UNSUPPORTED_CERTIFICATE)/.test(code))
    return 'certificateRefused';
  if (/WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|PACKET_LENGTH|RECORD/.test(code))
    return 'notTls';
  return /^(ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code) ? 'disconnected' : 'other';
}
