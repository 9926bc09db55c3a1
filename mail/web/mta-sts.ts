/** The MTA-STS policy: other servers are to send our mail only over TLS, to our names (RFC 8461 section 3.2). */
import type { WebResponse } from './exchange.ts';

/** `testing`: failures are only reported. `none`: there is no policy any more. */
export type MtaStsMode = 'enforce' | 'testing' | 'none';

export interface MtaStsPolicy {
  readonly mode: MtaStsMode;
  /** The names that MX records have, a wildcard among them at most. */
  readonly mx: readonly string[];
  readonly maxAgeSeconds: number;
}

/** RFC 8461 section 3.2 asks for weeks or more, and a mistake should not last as long. */
const aWeek = 604_800;

/** Of a server with one name. */
export function mtaStsOf(mode: MtaStsMode, hostname: string): MtaStsPolicy {
  return { mode, mx: [hostname], maxAgeSeconds: aWeek };
}

export function mtaStsPolicy({ mode, mx, maxAgeSeconds }: MtaStsPolicy): WebResponse {
  const lines = [
    'version: STSv1',
    `mode: ${mode}`,
    ...(mode === 'none' ? [] : mx.map((name) => `mx: ${name}`)),
    `max_age: ${maxAgeSeconds}`,
  ];
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=us-ascii' },
    body: lines.map((line) => `${line}\r\n`).join(''),
  };
}
