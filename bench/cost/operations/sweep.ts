/** What the daily sweep does for a message that was expunged or moved, when the retention is over. */
import { dayMs } from '../../../mail/mailbox/retention.ts';
import type { Bed } from '../bed.ts';
import type { Measured } from '../measured.ts';
import { sumOf, times } from '../usage.ts';

const messages = 64;

/** A run costs something even with nothing to do, whatever there is of mailboxes: that is no message's. */
export async function sweepOperations(bed: Bed): Promise<readonly Measured[]> {
  const { retentionDays } = bed.settings;
  const later = Date.now() + (retentionDays + 1) * dayMs;
  const account = await bed.addAccount('swept');
  const measured: Measured[] = [];
  for (const [id, name, command] of [
    ['sweepMoved', 'sweep 1 message that was moved', 'MOVE 1:* Trash'],
    ['sweepExpunged', 'sweep 1 message that was expunged', 'STORE 1:* +FLAGS.SILENT (\\Deleted)'],
  ] as const) {
    await bed.fill(account, { messages, indexes: true });
    await bed.functions.runSweep(later);
    const empty = await bed.meter.during(() => bed.functions.runSweep(later));
    const client = await bed.imap(account);
    await client.command('SELECT INBOX');
    await client.command(command);
    await client.command('EXPUNGE');
    await client.close();
    await bed.functions.runFeed();
    const usage = await bed.meter.during(() => bed.functions.runSweep(later));
    measured.push({ id, name, usage: times(sumOf([usage, times(empty, -1)]), 1 / messages) });
  }
  return measured;
}
