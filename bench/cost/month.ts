/** A typical mailbox for a month: what its owner does, times what each of it takes. */
import { keptCommits, logNoteEvery } from '../../mail/mailbox/limits.ts';
import type { Measured } from './measured.ts';
import { noUsage, storageOf, sumOf, times, totalOf, type Usage } from './usage.ts';

/** 20,000 messages, 1 GB; one phone and one desktop, always connected. */
export const assumed = {
  messages: 20_000,
  s3Bytes: 2 ** 30,
  days: 30,
  devices: 2,
  /** Of the listener of IMAP. */
  tasks: 1,
  received: 600,
  sent: 200,
  /** Each device loses its connection so often a day, logs in and opens INBOX again; a tenth of it by a task that knows nothing. */
  reconnectsADay: 6,
  coldShare: 0.1,
  opensADay: 10,
  /** Read one by one. */
  flagged: 600,
  moved: 150,
  expunged: 300,
  folderLooksADay: 2,
} as const;

export interface Month {
  readonly lines: readonly { readonly name: string; readonly dollars: number }[];
  readonly total: number;
}

/** The newest records of an account's log stay, and the sweep comes each time that so many more are there. */
const keptLogRecords = keptCommits + logNoteEvery;
/** The sweep deletes each by itself, and each is below 1 KB. */
const unitsOfLogDeletion = 1;

export function monthOf(measured: ReadonlyMap<string, Measured>): Month {
  const usage = (id: string): Usage => {
    const found = measured.get(id);
    if (found === undefined) throw new Error(`${id} was not measured`);
    return found.usage;
  };
  const { devices, days } = assumed;
  const reconnects = devices * days * assumed.reconnectsADay;
  // Both devices are with one task: it looks at the account's clock once for them.
  const hours = assumed.tasks * days * 24;
  const parts: readonly (readonly [string, Usage])[] = [
    [`${assumed.received} received`, times(usage('receive1'), assumed.received)],
    [`${assumed.sent} sent`, times(usage('submit'), assumed.sent)],
    [`${reconnects} logins`, times(usage('login'), reconnects)],
    [
      `${reconnects + devices * days * assumed.opensADay} opens, ${Math.round(reconnects * assumed.coldShare)} of them cold`,
      sumOf([
        // In proportion to the largest that was measured: a cold one reads every block.
        times(usage('cold10000'), reconnects * assumed.coldShare * (assumed.messages / 10_000)),
        times(usage('warm10000'), reconnects * (1 - assumed.coldShare) + devices * days * assumed.opensADay),
      ]),
    ],
    [`${hours} hours in IDLE`, times(usage('idleHour'), hours)],
    [
      `${assumed.flagged} read, ${assumed.moved} moved, ${assumed.expunged} expunged`,
      sumOf([
        times(usage('flag1'), assumed.flagged),
        times(usage('move1'), assumed.moved),
        times(usage('expunge1'), assumed.expunged),
      ]),
    ],
    [
      `${devices * days * assumed.folderLooksADay} looks at 50 folders`,
      times(usage('folders'), devices * days * assumed.folderLooksADay),
    ],
  ];
  const { logRecords, logRecordBytesStored } = sumOf(parts.map(([, used]) => used));
  const swept = sumOf([
    times(usage('sweepMoved'), assumed.moved),
    times(usage('sweepExpunged'), assumed.expunged),
    { ...noUsage(), writeUnits: logRecords * unitsOfLogDeletion },
  ]);
  const stored = storageOf({
    s3Bytes: assumed.s3Bytes,
    tableBytes:
      assumed.messages * usage('receive1').tableBytesStored +
      keptLogRecords * (logRecordBytesStored / logRecords),
  });
  const lines = [
    ...parts.map(([name, used]) => ({ name, dollars: totalOf(used) })),
    { name: 'what was expunged or moved, and the log, swept', dollars: totalOf(swept) },
    { name: '1 GB in S3, its index in the table with recovery', dollars: stored },
  ];
  return { lines, total: lines.reduce((sum, { dollars }) => sum + dollars, 0) };
}
