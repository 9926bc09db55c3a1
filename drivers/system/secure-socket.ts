/** The client's side of a TLS handshake, for implicit TLS and STARTTLS alike. */
import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { ConnectionFailed, type TlsFacts, type TlsTarget } from '../../mail/ports/connector.ts';

export interface SecuredSocket {
  readonly socket: TLSSocket;
  readonly facts: TlsFacts;
}

/**
 * Rejects with `ConnectionFailed`, and then the socket is gone. Versions and ciphers are Node's own: TLS 1.2 at least, for
 * servers whose certificate nobody looks at too.
 */
export function secureSocket(
  socket: Socket,
  { serverName, verify }: TlsTarget,
  { timeoutMs, context }: { readonly timeoutMs: number; readonly context: SecureContext | undefined },
): Promise<SecuredSocket> {
  return new Promise((resolve, reject) => {
    const secured = connect({
      socket,
      // The certificate is held against this name; SNI may hold no IP address (RFC 6066 section 3).
      host: serverName,
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      // It is looked at here, so that what is wrong with it can be said.
      rejectUnauthorized: false,
      ...(context === undefined ? {} : { secureContext: context }),
    });
    const settle = () => {
      clearTimeout(timer);
      secured.off('secureConnect', onSecure).off('error', onError).off('close', onClose);
    };
    const fail = (kind: 'tls' | 'timeout', why: string) => {
      settle();
      secured.on('error', () => {}).destroy();
      socket.destroy();
      reject(new ConnectionFailed(kind, why));
    };
    const onSecure = () => {
      if (verify === 'required' && !secured.authorized)
        return fail('tls', `the certificate is not one for ${serverName}: ${whyNot(secured)}`);
      settle();
      resolve({ socket: secured, facts: factsOf(secured) });
    };
    const onError = ({ message, code }: NodeJS.ErrnoException) =>
      fail('tls', `the TLS handshake failed: ${code ?? message}`);
    const onClose = () => fail('tls', 'the connection ended in the TLS handshake');
    const timer = setTimeout(
      () => fail('timeout', `the TLS handshake takes longer than ${timeoutMs / 1000} s`),
      timeoutMs,
    );
    secured.on('secureConnect', onSecure).on('error', onError).on('close', onClose);
  });
}

/** Node gives a code here, whatever its types say. */
function whyNot({ authorizationError }: TLSSocket): string {
  return authorizationError instanceof Error ? authorizationError.message : String(authorizationError);
}

function factsOf(secured: TLSSocket): TlsFacts {
  return {
    version: secured.getProtocol() ?? 'unknown',
    cipher: secured.getCipher().standardName,
    verified: secured.authorized,
  };
}
