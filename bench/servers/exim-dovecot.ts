/** Exim, which hands over to Dovecot by LMTP: Exim as it comes, Dovecot tuned. */
import type { BenchServer } from './bench-server.ts';
import { dovecotTuned, dovecotTuning } from './dovecot-tuned.ts';
import { dovecotDurability, dovecotVersion, startDovecot } from './dovecot.ts';
import { eximVersion, startExim } from './exim.ts';
import { startBoth } from './mta-and-store.ts';
import type { Unpacked } from './packages.ts';

export const eximDovecot = (exim: Unpacked): BenchServer => ({
  name: `Exim ${eximVersion(exim)} + Dovecot ${dovecotVersion()}, tuned`,
  role: 'full',
  settings: [
    'Exim: 250 waits for fsync of the two files of a message in the spool; a process for each delivery, begun at once',
    'Exim: no limit on messages of a session that are delivered at once, so that none waits for a queue run',
    dovecotDurability,
    ...dovecotTuned,
  ],
  start: (options) =>
    startBoth(options, {
      startStore: (ports) => startDovecot({ ...options, ports, tuning: dovecotTuning }),
      startMta: ({ lmtpSocket }, port) => startExim(exim, { ...options, port, lmtpSocket }),
    }),
});
