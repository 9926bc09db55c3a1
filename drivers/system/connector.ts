/** Connections to other servers over the system's sockets. */
import { addAbortListener } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { ConnectTarget, Connector } from '../../mail/ports/connector.ts';
import { ConnectionFailed } from '../../mail/ports/connector.ts';
import { connectionFailure } from './connection-failure.ts';
import { secureSocket } from './secure-socket.ts';
import { SocketConnection } from './socket-connection.ts';

export interface ConnectorOptions {
  /** Certificates in PEM that are trusted besides those that the system's Node trusts. */
  readonly trusted?: readonly string[];
}

/** Throws where a certificate cannot be read. */
export function systemConnector({ trusted = [] }: ConnectorOptions = {}): Connector {
  const context = trusted.length === 0 ? undefined : contextTrusting(trusted);
  return {
    async connect(target) {
      const until = performance.now() + target.timeoutMs;
      const socket = await dial(target);
      if (target.implicitTls === undefined) return new SocketConnection(socket, { context });
      const timeoutMs = Math.max(1, until - performance.now());
      const secured = await secureSocket(socket, target.implicitTls, { timeoutMs, context });
      return new SocketConnection(secured.socket, { context, tls: secured.facts });
    },
  };
}

function contextTrusting(trusted: readonly string[]): SecureContext {
  return createSecureContext({ ca: [...getCACertificates('default'), ...trusted] });
}

function dial({ address, port, timeoutMs, signal }: ConnectTarget): Promise<Socket> {
  if (isIP(address) === 0) return Promise.reject(new TypeError(`${address} is no IP address`));
  const place = `${address} port ${port}`;
  return new Promise((resolve, reject) => {
    // Half open: a server that has said its last word is still read, whatever is being written to it.
    const socket = connect({ host: address, port, noDelay: true, allowHalfOpen: true });
    if (signal !== undefined) endBy(signal, socket);
    const settle = () => {
      clearTimeout(timer);
      socket.off('connect', onConnect).off('error', onError).off('close', onClose);
    };
    const onConnect = () => {
      settle();
      resolve(socket);
    };
    const onError = (error: NodeJS.ErrnoException) => {
      settle();
      reject(connectionFailure(error, place));
    };
    const onClose = () => {
      settle();
      reject(new ConnectionFailed('closed', `the connection to ${place} was given up`));
    };
    const timer = setTimeout(() => {
      settle();
      socket.on('error', () => {}).destroy();
      reject(new ConnectionFailed('timeout', `${place} does not answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    socket.on('connect', onConnect).on('error', onError).on('close', onClose);
  });
}

/** A socket under TLS takes that with it. */
function endBy(signal: AbortSignal, socket: Socket): void {
  if (signal.aborted) {
    socket.destroy();
    return;
  }
  const listening = addAbortListener(signal, () => socket.destroy());
  socket.once('close', () => listening[Symbol.dispose]());
}
