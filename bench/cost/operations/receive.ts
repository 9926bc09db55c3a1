/** Receiving a message of 50 KB: taken by the listener, routed, delivered, and what Feed does after the commit. */
import { typicalMessage } from '../../../test/drivers/aws/table/typical-messages.ts';
import type { Bed, BedAccount } from '../bed.ts';
import type { Measured } from '../measured.ts';
import { averageOf, type Usage } from '../usage.ts';

/** Before anything counts: programs that have just started take more time. */
const warmUps = 24;
/** The uids of a block: it grows with each message, and what it costs to write with it. */
export const blockUids = 64;

export async function receiveOperations(
  bed: Bed,
  options: { readonly rounds?: number } = {},
): Promise<readonly Measured[]> {
  const { rounds = blockUids } = options;
  const accounts = await accountsNamed(bed, 50);
  const few = accounts.slice(0, 5);
  const [one] = accounts;
  if (one === undefined) throw new Error('no account');
  for (let round = 0; round < Math.min(warmUps, rounds); round++)
    await receive(bed, [accounts.at(-1) ?? one], round);
  return [
    await measure(bed, { id: 'receive1', recipients: [one], rounds }),
    await measure(bed, { id: 'receive5', recipients: few, rounds: Math.ceil(rounds / 8) }),
    await measure(bed, { id: 'receive50', recipients: accounts, rounds: Math.ceil(rounds / 24) }),
  ];
}

async function measure(
  bed: Bed,
  {
    id,
    recipients,
    rounds,
  }: { readonly id: string; readonly recipients: readonly BedAccount[]; readonly rounds: number },
): Promise<Measured> {
  const usages: Usage[] = [];
  for (let round = 0; round < rounds; round++)
    usages.push(await bed.meter.during(() => receive(bed, recipients, round)));
  const name = `receive 1 message of 50 KB for ${recipients.length === 1 ? '1 recipient' : `${recipients.length} recipients`}`;
  const mostWriteUnits = Math.max(...usages.map(({ writeUnits }) => writeUnits));
  return { id, name, usage: averageOf(usages), mostWriteUnits };
}

/** One message from another server, until it is in every mailbox. */
export async function receive(bed: Bed, recipients: readonly BedAccount[], number: number): Promise<void> {
  const client = await bed.listener.connect(25);
  await client.expect('250', 'EHLO mail.example.net');
  const envelope = [
    'MAIL FROM:<bounce@example.net>',
    ...recipients.map(({ address }) => `RCPT TO:<${address}>`),
  ];
  await client.expect('354', [...envelope, 'DATA'].join('\r\n'));
  await client.say(typicalMessage(number));
  await client.expect('250', '.');
  await client.expect('221', 'QUIT');
  await client.close();
  await bed.functions.runMail();
}

async function accountsNamed(bed: Bed, count: number): Promise<readonly BedAccount[]> {
  const accounts: BedAccount[] = [];
  for (let number = 1; number <= count; number++) accounts.push(await bed.addAccount(`user${number}`));
  return accounts;
}
