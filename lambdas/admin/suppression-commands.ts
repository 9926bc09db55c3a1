/** The admin's commands for addresses that get no more mail from here. */
import { z } from 'zod';
import { listSuppressed, suppress, unsuppress, type Suppressed } from '../../mail/delivery/suppression.ts';
import { readAddress } from '../../mail/directory/read-address.ts';
import { refuse, type Refused } from '../../mail/directory/refused.ts';
import type { Clock } from '../../mail/ports/clock.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { Table } from '../../mail/ports/table.ts';
import { adminCommand, textInput } from './command.ts';

export interface SuppressionPorts {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SuppressionPage {
  readonly kind: 'done';
  readonly entries: readonly Suppressed[];
  /** Where the next page begins; null: there is none. */
  readonly next: string | null;
}

const addressInput = z.strictObject({ address: textInput });

/** `suppression list`: a page; ask again with `after: next` until there is none. */
export const suppressionList = adminCommand({
  name: 'suppression list',
  input: z.strictObject({
    after: textInput.optional(),
    limit: z.int().min(1).max(10_000).default(1000),
  }),
  subject: () => undefined,
  async run({ table }: SuppressionPorts, { after, limit }): Promise<SuppressionPage> {
    const entries = await listSuppressed(table, { after, limit });
    return { kind: 'done', entries, next: entries.length < limit ? null : (entries.at(-1)?.address ?? null) };
  },
});

/** `suppression add`. */
export const suppressionAdd = adminCommand({
  name: 'suppression add',
  input: addressInput,
  subject: ({ address }) => address,
  async run(ports: SuppressionPorts, { address: text }) {
    const address = readAddress(text);
    if (typeof address !== 'string') return address;
    await suppress(ports, { address, reason: 'admin' });
    return { kind: 'done', address } as const;
  },
});

/** `suppression remove`: the address gets mail again, until it bounces again. */
export const suppressionRemove = adminCommand({
  name: 'suppression remove',
  input: addressInput,
  subject: ({ address }) => address,
  async run(
    { table }: SuppressionPorts,
    { address: text },
  ): Promise<{ kind: 'done'; address: string } | Refused> {
    const address = readAddress(text);
    if (typeof address !== 'string') return address;
    if ((await unsuppress(table, address)) === 'removed') return { kind: 'done', address };
    return refuse(
      `${address} is not on the suppression list.`,
      'posta suppression list shows those that are.',
    );
  },
});
