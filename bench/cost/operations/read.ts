/** Opening mailboxes, looking at folders, and clients that wait or poll. */
import { writeEnvelopePage } from '../../../mail/mailbox/feed/write-envelope-page.ts';
import { uidsPerBlock } from '../../../mail/mailbox/keys.ts';
import type { Bed, BedAccount } from '../bed.ts';
import type { Measured } from '../measured.ts';
import type { Usage } from '../usage.ts';

const minuteMs = 60_000;
const minutesOfAnHour = 60;
const folders = 50;
/** Every account has so many from the start. */
const ownFolders = 6;

/** `cold`: by a task that knows nothing of the account. `warm`: by one whose view of it is up to date. */
export async function openOperations(bed: Bed, sizes: readonly number[]): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const size of sizes) {
    const account = await bed.addAccount(`size${size}`);
    await bed.fill(account, { messages: size, indexes: false });
    measured.push(
      {
        id: `cold${size}`,
        name: `open a mailbox of ${size} messages, cold`,
        usage: await openCold(bed, account),
      },
      {
        id: `warm${size}`,
        name: `open a mailbox of ${size} messages, warm`,
        usage: await openWarm(bed, account),
      },
    );
  }
  return measured;
}

async function openCold(bed: Bed, account: BedAccount): Promise<Usage> {
  await using listener = await bed.freshListener();
  const client = await bed.imap(account, listener);
  const usage = await bed.meter.during(() => client.command('SELECT INBOX'));
  await client.close();
  return usage;
}

/** Another session has it open, so the view is kept. */
async function openWarm(bed: Bed, account: BedAccount): Promise<Usage> {
  const first = await bed.imap(account);
  await first.command('SELECT INBOX');
  const client = await bed.imap(account);
  const usage = await bed.meter.during(() => client.command('SELECT INBOX'));
  await client.close();
  await first.close();
  return usage;
}

/** Of blocks that are complete, and whose pages Feed has written. */
const filled = 1024;

/** What Feed does for the messages once, and what each listing then takes. */
export async function listOperations(bed: Bed): Promise<readonly Measured[]> {
  const account = await bed.addAccount('listed');
  await bed.fill(account, { messages: filled, indexes: true });
  const inbox = await bed.functions.deployment.mail.account(account.id).findMailbox('INBOX');
  if (inbox.kind !== 'found') throw new Error(`INBOX is ${inbox.kind}`);
  const client = await bed.imap(account);
  await client.command('SELECT INBOX');
  const list = () => bed.meter.during(() => client.command(`FETCH 1:1000 ENVELOPE`));
  const before = await list();
  const pages = await bed.meter.during(async () => {
    for (let block = 0; block < filled / uidsPerBlock; block++)
      await writeEnvelopePage(bed.functions.deployment, {
        account: account.id,
        mailbox: inbox.mailbox,
        block,
      });
  });
  const after = await list();
  await client.close();
  return [
    { id: 'pages1000', name: 'what a listing of 1,000 messages is prepared by, once', usage: pages },
    { id: 'list1000', name: 'list 1,000 messages (ENVELOPE)', usage: after },
    { id: 'listUnprepared1000', name: 'the same, message by message', usage: before },
  ];
}

export async function waitingOperations(bed: Bed): Promise<readonly Measured[]> {
  const account = await bed.addAccount('waiting');
  await bed.fill(account, { messages: 1000, indexes: false });
  return [
    { id: 'login', name: 'a mail client connects and logs in', usage: await logIn(bed, account) },
    { id: 'idleHour', name: 'IDLE for an hour', usage: await idleHour(bed, account) },
    {
      id: 'pop3Poll',
      name: 'a POP3 poll with nothing new, of 1,000 messages',
      usage: await poll(bed, account),
    },
    { id: 'folders', name: `LIST, and STATUS of ${folders} folders`, usage: await listFolders(bed) },
  ];
}

async function logIn(bed: Bed, account: BedAccount): Promise<Usage> {
  return bed.meter.during(async () => {
    const client = await bed.imap(account);
    await client.command('LOGOUT');
    await client.close();
  });
}

async function idleHour(bed: Bed, account: BedAccount): Promise<Usage> {
  const client = await bed.imap(account);
  await client.command('SELECT INBOX');
  await client.say('i IDLE');
  const usage = await bed.meter.during(async () => {
    for (let minute = 0; minute < minutesOfAnHour; minute++) {
      await bed.clock.advance(minuteMs);
      // What the look asks for is answered by the emulator, in real time.
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  });
  await client.say('DONE');
  await client.close();
  return usage;
}

async function poll(bed: Bed, account: BedAccount): Promise<Usage> {
  return bed.meter.during(async () => {
    const client = await bed.pop3(account);
    await client.expect('+OK', 'STAT');
    await client.expect('.', 'UIDL');
    await client.expect('+OK', 'QUIT');
    await client.close();
  });
}

async function listFolders(bed: Bed): Promise<Usage> {
  const account = await bed.addAccount('folders');
  const client = await bed.imap(account);
  for (let number = ownFolders; number < folders; number++) await client.command(`CREATE folder${number}`);
  const usage = await bed.meter.during(async () => {
    const listed = await client.command('LIST "" "*"');
    const names = [...listed.matchAll(/"\/" (\S+)\r\n/g)].map(([, name = '']) => name);
    for (const name of names) await client.command(`STATUS ${name} (MESSAGES UNSEEN UIDNEXT)`);
  });
  await client.close();
  return usage;
}
