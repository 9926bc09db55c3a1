/** Takes the PROXY header off the front of a connection. */
import type { Socket } from 'node:net';
import { parseProxyHeader, type ProxiedAddresses } from './proxy-protocol.ts';

/** `addresses` are missing where the load balancer speaks for itself. `refused` has a reason for the log. */
export type ProxyOutcome =
  | { readonly kind: 'proxied'; readonly addresses?: ProxiedAddresses }
  | {
      readonly kind: 'refused';
      readonly reason: 'badProxyHeader' | 'proxyTimeout' | 'ended';
      readonly why: string;
    };

/** Reads up to the header's end; what follows is left in the socket. Never rejects. */
export function readProxyHeader(socket: Socket, timeoutMs: number): Promise<ProxyOutcome> {
  return new Promise((resolve) => {
    let come = Buffer.alloc(0);
    const settle = (outcome: ProxyOutcome) => {
      clearTimeout(timer);
      socket.off('readable', onReadable).off('end', onOver).off('close', onOver);
      resolve(outcome);
    };
    const onReadable = () => {
      const bytes = socket.read() as Buffer | null;
      if (bytes === null) return;
      come = Buffer.concat([come, bytes]);
      const header = parseProxyHeader(come);
      if (header.kind === 'needMore') return;
      if (header.kind === 'malformed') {
        settle({ kind: 'refused', reason: 'badProxyHeader', why: header.reason });
        return;
      }
      const rest = come.subarray(header.octets);
      settle({ kind: 'proxied', ...(header.addresses === undefined ? {} : { addresses: header.addresses }) });
      if (rest.length > 0) socket.unshift(rest);
    };
    const onOver = () => settle({ kind: 'refused', reason: 'ended', why: 'ended before the header' });
    const timer = setTimeout(
      () => settle({ kind: 'refused', reason: 'proxyTimeout', why: 'no whole header in time' }),
      timeoutMs,
    );
    socket.on('readable', onReadable).on('end', onOver).on('close', onOver);
  });
}
