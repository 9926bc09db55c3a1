/** A log and metrics that remember, and a certificate for localhost. */
import { generate } from 'selfsigned';
import type { CertificatePair } from '../../../mail/ports/certificates.ts';
import type { Log, LogFields } from '../../../mail/ports/log.ts';
import type { Metrics } from '../../../mail/ports/metrics.ts';

export interface Line {
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
  readonly fault?: unknown;
}

export function rememberingLog(lines: Line[], added: LogFields = {}): Log {
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      void lines.push({ level, event, fields: { ...added, ...fields } });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: (event, fault, fields = {}) =>
      void lines.push({ level: 'error', event, fault, fields: { ...added, ...fields } }),
    with: (fields) => rememberingLog(lines, { ...added, ...fields }),
  };
}

/** Counts under `name`, or `name reason` where a reason or an end is among the dimensions. */
export function rememberingMetrics(counts: Map<string, number>): Metrics {
  return {
    count: (name, dimensions = {}, by = 1) => {
      const why = dimensions['reason'] ?? dimensions['end'];
      const key = why === undefined ? name : `${name} ${why}`;
      counts.set(key, (counts.get(key) ?? 0) + by);
    },
    gauge: (name, value) => void counts.set(name, value),
    timeMs: () => {},
  };
}

export async function selfSigned(name: string): Promise<CertificatePair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  });
  return { certificate: cert, key };
}
