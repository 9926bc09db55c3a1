/**
 * Proofs for a certificate authority on the port for HTTPS (RFC 8737): while one is shown, whoever asks for `acme-tls/1`
 * gets its certificate, and everybody else what they get at other times.
 */
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Proof, Prover } from '../../mail/ports/certificates.ts';
import type { SecureContexts } from './handshake.ts';

export const alpnProtocol = 'acme-tls/1';

export class AlpnChallenges implements Prover, SecureContexts {
  readonly way = 'tls-alpn-01';
  readonly #shown = new Map<string, SecureContext>();

  /** Whether there is anything to ask for. */
  get pending(): boolean {
    return this.#shown.size > 0;
  }

  async show(proof: Proof): Promise<AsyncDisposable> {
    const { certificate, key } = await proof.tlsAlpn();
    this.#shown.set(proof.name, createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' }));
    return { [Symbol.asyncDispose]: async () => void this.#shown.delete(proof.name) };
  }

  /** Of a name that is not being proved: any, so that the handshake fails at the other side, with a reason. */
  context(serverName = ''): SecureContext {
    const context = this.#shown.get(serverName.toLowerCase()) ?? this.#shown.values().next().value;
    if (context === undefined) throw new Error('no challenge is shown');
    return context;
  }
}

/** Whether a client's first bytes ask for `acme-tls/1`; they stay in the socket. False when none come in time. Never rejects. */
export function asksForChallenge(socket: Socket, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (asks: boolean) => {
      clearTimeout(timer);
      socket.off('readable', onReadable).off('end', onOver).off('close', onOver);
      resolve(asks);
    };
    const onReadable = () => {
      const bytes = socket.read() as Buffer | null;
      if (bytes === null) return;
      settle(bytes.includes(alpnProtocol));
      socket.unshift(bytes);
    };
    const onOver = () => settle(false);
    const timer = setTimeout(onOver, timeoutMs);
    socket.on('readable', onReadable).on('end', onOver).on('close', onOver);
  });
}
