/** What most would pick: Postfix, which hands over to Dovecot by LMTP. As Debian has it, and tuned. */
import type { BenchServer } from './bench-server.ts';
import { dovecotTuned, dovecotTuning } from './dovecot-tuned.ts';
import { dovecotDurability, dovecotVersion, startDovecot } from './dovecot.ts';
import { startBoth } from './mta-and-store.ts';
import { postfixTuned, postfixTuning } from './postfix-tuned.ts';
import { postfixDurability, postfixVersion, startPostfix } from './postfix.ts';

interface Tuning {
  readonly postfix: readonly string[];
  readonly dovecot: string;
}

const tuned: Tuning = {
  postfix: postfixTuning,
  dovecot: dovecotTuning,
};

function postfixWithDovecot(
  name: string,
  tuning: Tuning | undefined,
  settings: readonly string[],
): BenchServer {
  return {
    name,
    role: 'full',
    settings,
    start: (options) =>
      startBoth(options, {
        startStore: (ports) => startDovecot({ ...options, ports, tuning: tuning?.dovecot ?? '' }),
        startMta: ({ lmtpSocket }, port) =>
          startPostfix({ ...options, port, lmtpSocket, tuning: tuning?.postfix ?? [] }),
      }),
  };
}

const both = [postfixDurability, dovecotDurability];

/** Started only where they are installed: see packages.ts. */
export const postfixDovecot = (): BenchServer =>
  postfixWithDovecot(`Postfix ${postfixVersion()} + Dovecot ${dovecotVersion()}`, undefined, [
    ...both,
    'everything else as it comes, but for limits on how many may connect',
  ]);

export const postfixDovecotTuned = (): BenchServer =>
  postfixWithDovecot(`Postfix ${postfixVersion()} + Dovecot ${dovecotVersion()}, tuned`, tuned, [
    ...both,
    ...dovecotTuned,
    postfixTuned,
  ]);
