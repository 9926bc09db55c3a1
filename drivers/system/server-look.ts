/** Connects to a port as a client would, and leaves again. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import type { CertificateSeen, PortNotSeen, PortSeen, ServerLook } from '../../mail/ports/server-look.ts';

const timeoutMs = 8000;
/** A server that greets says it by then. */
const maxLines = 65_536;

type Target = Parameters<ServerLook['look']>[0];

export function systemServerLook(): ServerLook {
  return {
    look: async (target) => {
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        return target.hello === undefined
          ? await lookSecured(target, signal)
          : await lookPlain(target, signal);
      } catch (fault) {
        return notSeen(fault, signal);
      }
    },
  };
}

function notSeen(fault: unknown, signal: AbortSignal): PortNotSeen {
  if (signal.aborted) return { kind: 'notSeen', why: `no answer within ${timeoutMs / 1000} s` };
  return { kind: 'notSeen', why: fault instanceof Error ? fault.message : String(fault) };
}

/** Version 1 of the header is one line. */
function proxyHeader(port: number): string {
  return `PROXY TCP4 127.0.0.1 127.0.0.1 40000 ${port}\r\n`;
}

async function lookPlain(
  { host, port, hello = '', proxied = false }: Target,
  signal: AbortSignal,
): Promise<PortSeen> {
  using socket = await connected(connectTcp({ host, port }), 'connect', signal);
  if (proxied) socket.socket.write(proxyHeader(port));
  const greeting = await linesUntil(socket.socket, /\n/, signal);
  socket.socket.write(hello);
  // SMTP's last line has a blank after its code, IMAP's the tag, POP3's is a dot.
  const offered = await linesUntil(socket.socket, /^(\d{3} |a OK|a BAD|\.\r|-ERR)[^\n]*\n/m, signal);
  return { kind: 'seen', greeting: firstLine(greeting), tls: /STARTTLS|STLS/i.test(offered) };
}

async function lookSecured(
  { host, port, serverName, proxied = false }: Target,
  signal: AbortSignal,
): Promise<PortSeen> {
  using plain = await connected(connectTcp({ host, port }), 'connect', signal);
  if (proxied) plain.socket.write(proxyHeader(port));
  // SNI may hold no IP address (RFC 6066 section 3).
  const named = isIP(serverName) === 0 ? { servername: serverName } : {};
  const tls = connectTls({ socket: plain.socket, host: serverName, ...named, rejectUnauthorized: false });
  using socket = await connected(tls, 'secureConnect', signal);
  const x509 = tls.getPeerX509Certificate();
  // On 443 the client speaks first.
  const greeting = await linesUntil(
    socket.socket,
    /\n/,
    AbortSignal.any([signal, AbortSignal.timeout(2000)]),
  ).catch(() => '');
  const refused = refusedFor(tls.authorizationError, x509?.checkHost(serverName) !== undefined, serverName);
  const certificate: CertificateSeen | undefined = x509 && {
    names: (x509.subjectAltName ?? '')
      .split(', ')
      .flatMap((each) => (each.startsWith('DNS:') ? [each.slice(4)] : [])),
    validTo: x509.validToDate,
    ...(refused === undefined ? {} : { refused }),
  };
  return {
    kind: 'seen',
    greeting: firstLine(greeting),
    tls: true,
    ...(certificate === undefined ? {} : { certificate }),
  };
}

function refusedFor(
  fault: Error | string | null | undefined,
  named: boolean,
  serverName: string,
): string | undefined {
  if (fault !== null && fault !== undefined) return fault instanceof Error ? fault.message : fault;
  return named ? undefined : `it is not for ${serverName}`;
}

interface Connected extends Disposable {
  readonly socket: Socket;
}

async function connected(socket: Socket, event: string, signal: AbortSignal): Promise<Connected> {
  try {
    await once(socket, event, { signal });
  } catch (fault) {
    socket.destroy();
    throw fault;
  }
  socket.on('error', () => undefined);
  return { socket, [Symbol.dispose]: () => void socket.destroy() };
}

/** Up to what ends it. Rejects where the server goes before. */
function linesUntil(socket: Socket, end: RegExp, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('data', onData).off('close', onClose);
    };
    const onData = (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (!end.test(text) && text.length < maxLines) return;
      settle();
      resolve(text);
    };
    const onClose = () => {
      settle();
      reject(new Error('it ended the connection'));
    };
    const onAbort = () => {
      settle();
      reject(new Error('it said nothing'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('data', onData).on('close', onClose);
  });
}

function firstLine(text: string): string {
  return (text.split(/\r?\n/)[0] ?? '').slice(0, 200);
}
