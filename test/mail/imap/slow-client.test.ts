/** A client that reads slowly, in the middle of a long answer: what others do meanwhile it is told in order, and right. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Engine, Output } from '../../../mail/wire/engine.ts';
import { connectionOf, transcriptTls } from '../../transcripts/recorded-session.ts';
import { temporaryTable } from '../mailbox/mail-kit.ts';
import { ClientModel, type Listening } from './client-model.ts';
import { ImapServer } from './imap-server.ts';
import { readResponses, type Response } from './responses.ts';

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

/** Takes nothing while it is closed: who waits for the client waits until it is open again. */
class GatedOutput implements Output {
  #writes: Buffer[] = [];
  #gate = Promise.withResolvers<void>();
  #waiting = Promise.withResolvers<void>();

  constructor() {
    this.#gate.resolve();
  }

  close(): void {
    this.#gate = Promise.withResolvers<void>();
    this.#waiting = Promise.withResolvers<void>();
  }
  open(): void {
    this.#gate.resolve();
  }
  /** Resolves when the engine waits for the client. */
  get waiting(): Promise<void> {
    return this.#waiting.promise;
  }
  taken(): readonly Response[] {
    const bytes = Buffer.concat(this.#writes);
    this.#writes = [];
    return readResponses(bytes);
  }
  write(bytes: Uint8Array | string): void {
    this.#writes.push(Buffer.from(bytes));
  }
  async ready(): Promise<void> {
    this.#waiting.resolve();
    await this.#gate.promise;
  }
  startTls(): Promise<never> {
    return Promise.reject(new Error('none'));
  }
  end(): void {}
  setIdleTimeout(): void {}
}

const messages = 1_600;

/** A mailbox of many messages, a slow client in it, and another that is quick. */
async function slowClient() {
  const server = await ImapServer.open({ table });
  await server.direct('messages', '100');
  const quick = await server.session('tls');
  await quick.logIn();
  await quick.ok('SELECT INBOX');
  for (let copies = 100; copies < messages; copies *= 2) await quick.ok(`COPY 1:${copies} INBOX`);
  const output = new GatedOutput();
  const engine = server.connect(connectionOf(2, ['tls']), output);
  await engine.start(transcriptTls);
  const model = new ClientModel();
  const client = { server, quick, output, engine, model };
  await say(client, { text: 'LOGIN paco@example.test secret' });
  await say(client, { text: 'SELECT INBOX' });
  await say(client, { text: `FETCH 1:* (UID FLAGS)` });
  assert.equal(model.unknown.length, 0);
  return client;
}

/** One command of the slow client, whole; `meanwhile` happens when it has read some of the answer. */
async function say(
  {
    engine,
    output,
    model,
  }: { readonly engine: Engine; readonly output: GatedOutput; readonly model: ClientModel },
  {
    text,
    listening = 'everything',
    meanwhile,
  }: { readonly text: string; readonly listening?: Listening; readonly meanwhile?: () => Promise<unknown> },
): Promise<readonly Response[]> {
  model.listen(listening);
  if (meanwhile !== undefined) output.close();
  const call = engine.receive(Buffer.from(`t ${text}\r\n`));
  if (meanwhile !== undefined) await output.waiting;
  await meanwhile?.();
  output.open();
  await call;
  const responses = output.taken();
  for (const response of responses) model.hear(response);
  const last = responses.at(-1);
  assert.ok(last?.kind === 'tagged' && last.status === 'OK', JSON.stringify(last));
  return responses;
}

/** What the client knows is what the quick one is told anew. */
async function compare({ quick, model }: Awaited<ReturnType<typeof slowClient>>): Promise<void> {
  await quick.ok('NOOP');
  const lines = await quick.ok('FETCH 1:* (UID FLAGS)');
  const truth = readResponses(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'));
  const expected = new ClientModel();
  expected.listen('everything');
  expected.hear({ kind: 'count', name: 'EXISTS', number: truth.length });
  const keywords = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft', '$Work'];
  expected.hear({ kind: 'data', name: 'FLAGS', values: [keywords] });
  for (const response of truth) expected.hear(response);
  const plain = (client: ClientModel) => client.messages.map(({ uid, flags }) => ({ uid, flags }));
  assert.deepEqual(plain(model), plain(expected));
}

const others = [
  'STORE 100:110,700:720 +FLAGS.SILENT (\\Answered $Work)',
  'STORE 1500,900,2 +FLAGS.SILENT (\\Deleted)',
  'EXPUNGE',
];

for (const [text, listening] of [
  ['STORE 1:* +FLAGS (\\Seen)', 'noExpunge'],
  ['UID STORE 1:* +FLAGS (\\Seen)', 'everything'],
  ['FETCH 1:* (FLAGS)', 'noExpunge'],
  ['UID FETCH 1:* (FLAGS ENVELOPE)', 'everything'],
] as const)
  test(`in the middle of ${text}`, async () => {
    const client = await slowClient();
    const { server, quick, engine } = client;
    await say(client, {
      text,
      listening,
      meanwhile: async () => {
        for (const command of others) await quick.ok(command);
      },
    });
    await say(client, { text: 'NOOP' });
    await say(client, { text: 'FETCH 1,1590:* (UID FLAGS)' });
    await compare(client);
    await engine.closed();
    await quick.recorded.close();
    await server.finish();
  });

test('in the middle of hearing what changed', async () => {
  const client = await slowClient();
  const { server, quick, engine } = client;
  await quick.ok('STORE 1:* +FLAGS.SILENT (\\Seen)');
  await say(client, {
    text: 'NOOP',
    meanwhile: async () => {
      for (const command of others) await quick.ok(command);
    },
  });
  await say(client, { text: 'NOOP' });
  await compare(client);
  await engine.closed();
  await quick.recorded.close();
  await server.finish();
});
