/** Flags, moves and expunges, with what Feed does after them. */
import type { Bed } from '../bed.ts';
import type { Measured } from '../measured.ts';

export async function changeOperations(bed: Bed): Promise<readonly Measured[]> {
  const account = await bed.addAccount('changing');
  await bed.fill(account, { messages: 10_000, indexes: true });
  const client = await bed.imap(account);
  await client.command('SELECT INBOX');
  bed.meter.takeLog();
  const measure = async (id: string, name: string, ...commands: readonly string[]): Promise<Measured> => {
    const usage = await bed.meter.during(async () => {
      for (const command of commands) await client.command(command);
      await bed.functions.runFeed();
    });
    return { id, name, usage };
  };
  const measured = [
    await measure('flag1', 'flag 1 message', 'STORE 5000 +FLAGS (\\Flagged)'),
    await measure('flag1000', 'flag 1,000 messages', 'STORE 1:1000 +FLAGS (\\Flagged)'),
    await measure('read10000', 'mark 10,000 read', 'STORE 1:* +FLAGS.SILENT (\\Seen)'),
    await measure('move1', 'move 1 message', 'MOVE 6000 Trash'),
    await measure('expunge1', 'expunge 1 message', 'STORE 7000 +FLAGS.SILENT (\\Deleted)', 'EXPUNGE'),
  ];
  await client.close();
  return measured;
}
