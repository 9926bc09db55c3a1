/** Postfix, which hands over to Cyrus by LMTP: Postfix tuned, Cyrus with processes that wait. */
import type { BenchServer } from './bench-server.ts';
import { cyrusVersion, startCyrus } from './cyrus.ts';
import { startBoth } from './mta-and-store.ts';
import type { Unpacked } from './packages.ts';
import { postfixTuned, postfixTuning } from './postfix-tuned.ts';
import { postfixDurability, postfixVersion, startPostfix } from './postfix.ts';

export const postfixCyrus = (cyrus: Unpacked): BenchServer => ({
  name: `Postfix ${postfixVersion()} + Cyrus ${cyrusVersion(cyrus)}`,
  role: 'full',
  settings: [
    postfixDurability,
    'Cyrus: a file for each message, flushed with the records of its mailbox before OK; passwords in clear in a file',
    'Cyrus: 8 processes of each protocol wait, and are used again by session after session; idled tells idling sessions',
    postfixTuned,
  ],
  start: (options) =>
    startBoth(options, {
      startStore: (ports) => startCyrus(cyrus, { ...options, ports }),
      startMta: ({ lmtpSocket }, port) =>
        startPostfix({ ...options, port, lmtpSocket, tuning: postfixTuning }),
    }),
});
