/** A session with a place: connected and opened; in clear where TLS is welcome but does not work. */
import { ConnectionFailed } from '../../ports/connector.ts';
import type { Log } from '../../ports/log.ts';
import type { Said } from '../../ports/next-hop.ts';
import { smtpClientLimits } from '../../smtp/client/limits.ts';
import { openSmtpSession, type SmtpOpening, type SmtpSession } from '../../smtp/client/session.ts';
import type { Place } from './place.ts';
import type { NextHopPorts } from './ports.ts';

export type Opened =
  | { readonly kind: 'open'; readonly session: SmtpSession }
  /** `permanent`: the server takes no mail, now or later. */
  | { readonly kind: 'failed'; readonly said: Said; readonly permanent: boolean };

/** `log` names the message for which it is opened; by `until` it is open or has failed, and `signal` ends it whatever it does. Rejects for faults of this program only. */
export async function openSession(
  ports: NextHopPorts,
  {
    place,
    log,
    until,
    signal,
  }: { readonly place: Place; readonly log: Log; readonly until: number; readonly signal: AbortSignal },
): Promise<Opened> {
  const startedMs = ports.clock.now();
  let opening = await connectAndOpen(ports, { place, until, signal });
  if (opening.kind === 'failed' && opening.byTls && place.startTls.kind === 'opportunistic') {
    // RFC 7435 section 1: TLS that nobody asked for must not keep mail from going.
    log.warn('relay.tlsFailed', { remote: place.remote, text: opening.said.text });
    ports.metrics.count('relay.tlsFailed');
    opening = await connectAndOpen(ports, {
      place: { ...place, startTls: { kind: 'never' } },
      until,
      signal,
    });
  }
  const ms = ports.clock.now() - startedMs;
  ports.metrics.count('relay.connections', { outcome: opening.kind });
  ports.metrics.timeMs('relay.connectMs', ms, { outcome: opening.kind });
  tell(log, { opening, place, ms });
  return opening;
}

async function connectAndOpen(
  ports: NextHopPorts,
  { place, until, signal }: { readonly place: Place; readonly until: number; readonly signal: AbortSignal },
): Promise<SmtpOpening> {
  const { connector, clock, hostname, smtpLimits: limits = smtpClientLimits } = ports;
  const { remote, address, port, implicitTls, startTls, credentials } = place;
  let connection;
  try {
    connection = await connector.connect({
      address,
      port,
      ...(implicitTls === undefined ? {} : { implicitTls }),
      timeoutMs: limits.connectMs,
      signal,
    });
  } catch (error) {
    if (!(error instanceof ConnectionFailed)) throw error;
    const text = `The server cannot be reached: ${error.message}`;
    const said = { status: statuses[error.kind], text, remote };
    return { kind: 'failed', said, permanent: false, byTls: false };
  }
  return openSmtpSession(connection, {
    hostname,
    remote,
    startTls,
    ...(credentials === undefined ? {} : { credentials }),
    limits,
    until,
    clock,
  });
}

/** RFC 3463 section 3.5, and 3.8 for TLS. */
const statuses: Readonly<Record<ConnectionFailed['kind'], string>> = {
  refused: '4.4.1',
  unreachable: '4.4.1',
  timeout: '4.4.1',
  closed: '4.4.2',
  tls: '4.7.5',
};

function tell(
  log: Log,
  about: { readonly opening: SmtpOpening; readonly place: Place; readonly ms: number },
): void {
  const { opening, place, ms } = about;
  const { remote } = place;
  if (opening.kind === 'failed') {
    const { status, reply, text } = opening.said;
    log.info('relay.notConnected', { remote, status, reply, text, ms });
    return;
  }
  const { tls } = opening.session;
  log.info('relay.connected', {
    remote,
    tls: tls?.version,
    cipher: tls?.cipher,
    verified: tls?.verified,
    authenticated: place.credentials !== undefined,
    ms,
  });
}
