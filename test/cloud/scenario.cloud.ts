/**
 * The reference scenario on what was deployed: the containers of the task definitions behind a stand-in for the load
 * balancer, the Lambdas run by the emulator from their event sources, and mail clients that none of us wrote.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { runClient } from '../clients/run.ts';
import { startContainer } from '../containers/as-image.ts';
import { postaCommand } from '../end-to-end/posta.ts';
import { askAdmin } from './admin.ts';
import { containerOf, invoke, outputsOf } from './deployed.ts';
import { startForwarder } from './forwarder.ts';
import { MailService, stage, standing } from './mail-service.ts';

let service: MailService;

before(async () => {
  service = await MailService.start({ accounts: ['pepe', 'paco'], portBase: 21_000 });
});
after(() => service[Symbol.asyncDispose]());

test('the containers run as their task definitions say', async () => {
  for (const [name, ports] of Object.entries(standing)) {
    const described = await containerOf(`${stage}-${name}`);
    assert.deepEqual(described.command, ['node', `${name}.mjs`]);
    assert.equal(described.readonlyRootFilesystem, true);
    assert.deepEqual(
      described.ports.toSorted((one, other) => one - other),
      ports.map((port) => 2000 + port).toSorted((one, other) => one - other),
    );
  }
});

/** One message by swaks, on 25, from another server. */
async function mailIn(to: string, subject: string): Promise<void> {
  const sent = await runClient('swaks', [
    ...['--server', '127.0.0.1', '--port', String(service.port(25)), '--from', 'someone@elsewhere.test'],
    ...['--to', to, '--header', `Subject: ${subject}`, '--body', 'Hello from elsewhere', '--tls'],
  ]);
  assert.equal(sent.code, 0, sent.stdout + sent.stderr);
}

const imap = (name: string) => service.imap(name);

async function until<Result>(what: string, look: () => Promise<Result | undefined | false>): Promise<Result> {
  for (const end = Date.now() + 60_000; ;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    assert.ok(Date.now() < end, `${what} did not come about`);
    await pause(200);
  }
}

test('in on 25, by S3, SQS and the Lambdas into the mailbox, out by IMAP with IDLE waking, and by POP3', async () => {
  const client = await imap('paco');
  await client.mailboxOpen('INBOX');
  const exists = new Promise<number>((resolve) => client.on('exists', ({ count }) => resolve(count)));
  void client.idle();
  const sentAt = performance.now();
  await mailIn('paco@example.org', 'first');
  assert.equal(await exists, 1);
  const wokenMs = Math.round(performance.now() - sentAt);
  process.stdout.write(`# from swaks to EXISTS in an idling session: ${wokenMs} ms\n`);
  const message = await client.fetchOne('1', { envelope: true, source: true });
  assert.ok(message !== false);
  assert.equal(message.envelope?.subject, 'first');
  assert.match(message.source?.toString() ?? '', /^Return-Path: <someone@elsewhere\.test>\r\n/);
  await client.logout();
  const { stdout } = await runClient('curl', [
    ...['--silent', '--insecure', '--user', `paco@example.org:${service.passwords.get('paco') ?? ''}`],
    `pop3s://127.0.0.1:${service.port(995)}/1`,
  ]);
  assert.match(stdout, /Subject: first/);
});

test('posta works against the deployment as against a data directory', async () => {
  const posta = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await postaCommand([...args, '--stack', stage]);
    return { code, stdout, stderr };
  };
  const listed = await posta('account', 'list', '--domain', 'example.org', '--json');
  assert.equal(listed.code, 0, listed.stderr);
  const addresses = (JSON.parse(listed.stdout) as readonly { address: string }[]).map(
    ({ address }) => address,
  );
  assert.deepEqual(addresses, ['paco@example.org', 'pepe@example.org']);
  const added = await posta('account', 'add', 'rosa@example.org', '--quota', '1G');
  assert.match(added.stdout, /rosa@example\.org is added\.\nIts password, shown only now: \S{10,}/);
  const again = await posta('account', 'add', 'rosa@example.org');
  assert.deepEqual([again.code, again.stdout], [1, '']);
  assert.match(again.stderr, /^error: .*rosa@example\.org/);
  assert.match((await posta('account', 'remove', 'rosa@example.org')).stdout, /is removed\./);
  const nowhere = await postaCommand(['account', 'list', '--stack', 'elsewhere']);
  assert.match(
    nowhere.stderr,
    /^error: there is no deployment elsewhere in us-east-1: no function elsewhere-admin/,
  );
  const records = await posta('dns', 'example.org');
  assert.match(records.stdout, /example\.org\. 3600 IN TXT "v=spf1 mx include:amazonses\.com -all"/);
  // A form's event, as a runbook sends it: the password is in Parameter Store only.
  const made = await invoke(`${stage}-admin`, {
    form: 'add-account',
    fields: { address: 'rosa@example.org' },
  });
  assert.match(String(made?.['passwordParameter']), /^\/posta\/new-passwords\//);
});

test('the message is where an admin looks for it', async () => {
  const { TableName, MessagesBucket } = await outputsOf(`${stage}-storage`);
  const s3 = new S3Client();
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: MessagesBucket, Prefix: 'mailboxes/example.org/paco~' }),
  );
  assert.equal(Contents.length, 1);
  assert.match(Contents[0]?.Key ?? '', /^mailboxes\/example\.org\/paco~[^/]+\/\d{4}-\d\d\/[^/]+\.eml$/);
  s3.destroy();
  const table = new DynamoDBClient();
  const { Item } = await table.send(
    new GetItemCommand({ TableName, Key: { pk: { S: 'address#paco@example.org' }, sk: { S: 'address' } } }),
  );
  assert.equal(Item?.['does']?.S, 'account');
  table.destroy();
});

test('submitted on 587 with a password to another of its users', async () => {
  const sent = await runClient('swaks', [
    ...['--server', '127.0.0.1', '--port', String(service.port(587)), '--tls'],
    ...['--auth-user', 'pepe@example.org', '--auth-password', service.passwords.get('pepe') ?? ''],
    ...['--from', 'pepe@example.org', '--to', 'paco@example.org', '--header', 'Subject: second'],
  ]);
  assert.equal(sent.code, 0, sent.stdout + sent.stderr);
  const client = await imap('paco');
  const { exists } = await until('the second message', async () => {
    const mailbox = await client.mailboxOpen('INBOX');
    if (mailbox.exists < 2) await client.mailboxClose();
    return mailbox.exists >= 2 && mailbox;
  });
  assert.equal(exists, 2);
  await client.logout();
});

interface StoredMessage {
  readonly MessageId: string;
  readonly Source: string;
  readonly Subject: string;
}

/** What SES would have sent, as the emulator keeps it. */
async function storedBySes(): Promise<readonly StoredMessage[]> {
  const answer = await fetch(`${process.env['AWS_ENDPOINT_URL']}/_ministack/ses/messages`);
  const { messages } = (await answer.json()) as {
    readonly messages: Readonly<Record<string, readonly StoredMessage[]>>;
  };
  return Object.values(messages).flat();
}

test('submitted to outside: out by SES; a bounce comes back as a notification in the sender’s INBOX', async () => {
  const sent = await runClient('swaks', [
    ...['--server', '127.0.0.1', '--port', String(service.port(465)), '--tls-on-connect'],
    ...['--auth-user', 'pepe@example.org', '--auth-password', service.passwords.get('pepe') ?? ''],
    ...['--from', 'pepe@example.org', '--to', 'nobody@outside.test', '--header', 'Subject: to outside'],
  ]);
  assert.equal(sent.code, 0, sent.stdout + sent.stderr);
  const messageId =
    /250 2\.6\.0 .*?([0-9a-f]{20,})/.exec(sent.stdout)?.[1] ?? /queued as (\w+)/.exec(sent.stdout)?.[1] ?? '';
  assert.notEqual(messageId, '', sent.stdout);
  const [stored] = await until('the message at SES', async () => {
    const all = await storedBySes();
    return all.length > 0 && all;
  });
  assert.ok(stored !== undefined);
  assert.equal(stored.Source, 'pepe@example.org');
  assert.equal(stored.Subject, 'to outside');
  await until('the record that it was sent', async () => {
    const shown = await askAdmin('queue show', { messageId });
    return JSON.stringify(shown).includes('"state":"sent"') && shown;
  });
  const traced = await askAdmin('message trace', { id: stored.MessageId });
  assert.match(JSON.stringify(traced), new RegExp(messageId), 'it is found by the id that SES gave it');
  await publishBounce(messageId, stored.MessageId);
  const client = await imap('pepe');
  await until('the notification', async () => {
    const { exists } = await client.mailboxOpen('INBOX');
    if (exists === 0) await client.mailboxClose();
    return exists === 1;
  });
  const notification = await client.fetchOne('1', { source: true });
  assert.ok(notification !== false);
  const text = notification.source?.toString() ?? '';
  assert.match(text, /^Content-Type: multipart\/report;/im);
  assert.match(text, /^Final-Recipient: rfc822; ?nobody@outside\.test/m);
  assert.match(text, /^Diagnostic-Code: smtp; ?550 5\.1\.1 user unknown/m);
  await client.logout();
  const { entries } = await askAdmin('suppression list', {});
  assert.match(JSON.stringify(entries), /nobody@outside\.test/);
});

/** As SES tells it through the configuration set's topic; twice, as SNS may. */
async function publishBounce(messageId: string, sesId: string): Promise<void> {
  const sns = new SNSClient();
  const Message = JSON.stringify({
    eventType: 'Bounce',
    mail: { messageId: sesId, destination: ['nobody@outside.test'], tags: { 'posta-message': [messageId] } },
    bounce: {
      bounceType: 'Permanent',
      bounceSubType: 'General',
      bouncedRecipients: [
        {
          emailAddress: 'nobody@outside.test',
          status: '5.1.1',
          diagnosticCode: 'smtp; 550 5.1.1 user unknown',
        },
      ],
      reportingMTA: 'dsn; a8-70.smtp-out.amazonses.com',
    },
  });
  const TopicArn = `arn:aws:sns:us-east-1:000000000000:${stage}-ses-events`;
  for (const _ of [1, 2]) await sns.send(new PublishCommand({ TopicArn, Message }));
  sns.destroy();
}

test('mail for an alias is routed to both accounts behind it', async () => {
  await askAdmin('account add', { address: 'nora@example.org' });
  await askAdmin('account add', { address: 'otto@example.org' });
  await askAdmin('alias add', {
    address: 'team@example.org',
    targets: ['nora@example.org', 'otto@example.org'],
  });
  await mailIn('team@example.org', 'to the team');
  for (const name of ['nora', 'otto'])
    await until(`the message for ${name}`, async () => {
      const shown = await askAdmin('account show', { address: `${name}@example.org` });
      return (shown['account'] as { messages: number }).messages === 1;
    });
});

test('behind one port all protocols stand, told apart by the PROXY header', async () => {
  const { environment } = await containerOf(`${stage}-smtp`);
  await using task = await startContainer({ command: ['node', 'all.mjs'], environment, portBase: 31_000 });
  const ways = [25, 143, 993, 110, 995, 443].map((port) => [port, () => [task]] as const);
  await using compact = await startForwarder(new Map(ways), { onePort: 1 });
  const greeting = async (port: number) => {
    const { stdout } = await runClient(
      'curl',
      ['--silent', '--max-time', '2', `telnet://127.0.0.1:${compact.port(port)}`],
      { input: '' },
    );
    return stdout;
  };
  assert.match(await greeting(25), /^220 mail\.example\.org ESMTP/);
  assert.match(await greeting(143), /^\* OK /);
  assert.match(await greeting(110), /^\+OK /);
  const overTls = ['--silent', '--insecure', '--max-time', '20'];
  const user = ['--user', `paco@example.org:${service.passwords.get('paco') ?? ''}`];
  const listed = await runClient('curl', [...overTls, ...user, `imaps://127.0.0.1:${compact.port(993)}/`]);
  assert.match(listed.stdout, /INBOX/);
  const popped = await runClient('curl', [...overTls, ...user, `pop3s://127.0.0.1:${compact.port(995)}/`]);
  assert.match(popped.stdout, /^1 \d+/);
  const page = await runClient('curl', [
    ...overTls,
    `https://127.0.0.1:${compact.port(443)}/mail/config-v1.1.xml?emailaddress=ann@example.org`,
  ]);
  assert.match(page.stdout, /<hostname>mail\.example\.org<\/hostname>/);
});

test('the container that sends by MX starts where the others do, and ends in order', async () => {
  const { environment } = await containerOf(`${stage}-smtp`);
  const mx = { ...environment, POSTA_NEXT_HOP: 'mx' };
  await using task = await startContainer({
    command: ['node', 'relay.mjs'],
    environment: mx,
    portBase: 20_000,
  });
  const health = await fetch(`http://127.0.0.1:${task.portBase + 80}/`);
  assert.equal(health.status, 200);
  assert.equal(await task.stop(), 0);
});

test('what is expunged is marked to expire, by the function behind the table’s stream', async () => {
  const client = await imap('paco');
  await client.mailboxOpen('INBOX');
  await client.messageDelete('2');
  await client.logout();
  const { TableName } = await outputsOf(`${stage}-storage`);
  const table = new DynamoDBClient();
  await until('the mark', async () => {
    const { Items = [] } = await table.send(
      new ScanCommand({
        TableName,
        FilterExpression: 'attribute_exists(keptUntil) AND begins_with(sk, :message)',
        ExpressionAttributeValues: { ':message': { S: 'message#' } },
      }),
    );
    return Items.length === 1;
  });
  table.destroy();
});

test('a change in one task is told in the other', async () => {
  const [first, second] = [await imap('paco'), await imap('paco')];
  await first.mailboxOpen('INBOX');
  await second.mailboxOpen('INBOX');
  const flags = new Promise<ReadonlySet<string>>((resolve) =>
    second.on('flags', ({ flags: now }: { flags: Set<string> }) => resolve(now)),
  );
  void second.idle();
  await pause(100);
  await first.messageFlagsAdd('1', ['\\Flagged']);
  assert.ok((await flags).has('\\Flagged'));
  await Promise.all([first.logout(), second.logout()]);
});

test('a listener is killed in mid-session: its clients come back to the other, and nothing acknowledged is lost', async () => {
  const client = await imap('paco');
  await client.mailboxOpen('INBOX');
  const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
  const [killed] = service.tasks.smtp;
  await killed?.kill();
  service.tasks.smtp.shift();
  for (const task of service.tasks.imap.splice(0, 1)) await task.kill();
  // It was with one of the two.
  await Promise.race([closed, pause(2000)]);
  client.close();
  await mailIn('paco@example.org', 'after the kill');
  const again = await imap('paco');
  const mailbox = await until('the message', async () => {
    const now = await again.mailboxOpen('INBOX');
    return now.exists >= 2 && now;
  });
  assert.equal(mailbox.exists, 2);
  await again.logout();
});

test('a task that is told to end drains, says BYE and leaves no queue', async () => {
  const [task] = service.tasks.imap;
  assert.ok(task !== undefined);
  const client = await imap('paco');
  const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
  const code = task.stop();
  await closed;
  assert.equal(await code, 0);
  assert.match(task.output(), /"container\.stopped"/);
});
