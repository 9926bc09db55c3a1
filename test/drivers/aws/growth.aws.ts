/** What an operation asks of AWS does not depend on how large the mailbox is: counted, with capacity as DynamoDB Local reports it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBed, type Bed } from '../../../bench/cost/bed.ts';
import { receive } from '../../../bench/cost/operations/receive.ts';
import type { Usage } from '../../../bench/cost/usage.ts';

/** Ten times as large, each ending in the middle of a block of 64. */
const sizes = [430, 4_270] as const;

type Counted = Readonly<Record<'writeUnits' | 'readUnits' | 's3Puts' | 's3Gets' | 'sqsRequests', number>>;

function counted(usage: Usage): Counted {
  const { writeUnits, readUnits, s3Puts, s3Gets, sqsRequests } = usage;
  return { writeUnits, readUnits, s3Puts, s3Gets, sqsRequests };
}

async function operationsOn(bed: Bed, messages: number): Promise<ReadonlyMap<string, Counted>> {
  const account = await bed.addAccount(`growing${messages}`);
  await bed.fill(account, { messages, indexes: true });
  const client = await bed.imap(account);
  await client.command('SELECT INBOX');
  bed.meter.takeLog();
  const measured = new Map<string, Counted>();
  const measure = async (name: string, work: () => Promise<unknown>) => {
    const usage = await bed.meter.during(async () => {
      await work();
      await bed.functions.runFeed();
    });
    measured.set(name, counted(usage));
  };
  const middle = Math.floor(messages / 2);
  await measure('receive', () => receive(bed, [account], 1));
  await measure('flag', () => client.command(`STORE ${middle} +FLAGS (\\Flagged)`));
  await measure('flag a page', () => client.command(`STORE ${middle}:${middle + 49} +FLAGS (\\Seen)`));
  await measure('move', () => client.command(`MOVE ${middle} Trash`));
  await measure('expunge', async () => {
    await client.command(`STORE ${middle} +FLAGS.SILENT (\\Deleted)`);
    await client.command('EXPUNGE');
  });
  await measure('fetch a page', () => client.command(`FETCH ${middle}:${middle + 49} (ENVELOPE FLAGS)`));
  await client.close();
  return measured;
}

test('a delivery, a flag, a move, an expunge and a page of a list ask for as much in a large mailbox as in a small one', async () => {
  await using bed = await openBed();
  const [small, large] = [await operationsOn(bed, sizes[0]), await operationsOn(bed, sizes[1])];
  for (const [name, usage] of small) assert.deepEqual(large.get(name), usage, name);
});
