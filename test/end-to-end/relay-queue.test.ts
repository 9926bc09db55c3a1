/** `posta queue` beside a running server: what is held or waits is shown, and an admin decides. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { messagesOf, takeMessage } from './maildrop.ts';
import { untilOutbound } from './outbound.ts';
import type { TestPosta } from './posta.ts';
import { ScriptedServer } from './scripted-server.ts';
import { pepe, startWith, submit } from './two-postas.ts';

const ann = 'ann@other.test';
const bob = 'bob@other.test';
const letter = (text: string) => `From: ${pepe.user}\r\nSubject: ${text}\r\n\r\nHello\r\n`;

interface Row {
  readonly messageId: string;
  readonly recipient: string;
  readonly state: string;
  readonly last: string | null;
  readonly heldBecause: string | null;
  readonly attempts: number;
}

async function listed(posta: TestPosta, ...args: readonly string[]): Promise<readonly Row[]> {
  return JSON.parse(await posta.run('queue', ...args, '--json')) as readonly Row[];
}

suite('without a next hop', () => {
  let posta: TestPosta;
  before(async () => {
    posta = await startWith(pepe);
  });
  after(() => posta[Symbol.asyncDispose]());

  test('the server says at its start that mail for elsewhere is held, and how it would go', () => {
    assert.match(
      posta.output.stdout,
      /^Mail for other servers is held .*posta queue.*--smart-host.*--mx.*--route/m,
    );
    assert.match(posta.output.stderr, /"event":"relay\.destinations"/);
  });

  test('mail is taken and held, released into a hold again, and its sender hears when it is taken out', async () => {
    const id = await submit(posta, pepe, { to: [ann, bob], message: letter('held') });
    await untilOutbound(posta, id, [`${ann} held 0`, `${bob} held 0`]);
    assert.deepEqual(
      (await listed(posta, 'list', '--held')).map(({ messageId, recipient }) => [messageId, recipient]),
      [
        [id, ann],
        [id, bob],
      ],
    );
    assert.match((await listed(posta, 'show', id))[0]?.heldBecause ?? '', /--route|--mx/);
    const table = await posta.run('queue', 'list');
    assert.match(table, new RegExp(`^ID .* STATE .*\\n${id} +held +${pepe.user} +${ann} `));

    assert.equal(await posta.run('queue', 'release', id, ann), `${ann} is sent now.\n`);
    await untilOutbound(posta, id, [`${ann} held 0`, `${bob} held 0`]);
    assert.equal(await posta.run('queue', 'remove', id, ann), `${ann} is taken out of the queue.\n`);
    const notification = (await takeMessage(posta, pepe)).toString();
    assert.match(
      notification,
      /Final-Recipient: rfc822; ann@other\.test\r\nAction: failed\r\nStatus: 5\.7\.1\r\n/,
    );
    await posta.run('queue', 'remove', id, bob, '--silent');
    await untilOutbound(posta, id, [`${ann} removed 0`, `${bob} removed 0`]);
    await messagesOf(posta, pepe, 0);
    assert.deepEqual(await listed(posta, 'list'), []);
  });
});

test('what was held goes out when the server is started with a route and it is released', async () => {
  await using other = await ScriptedServer.start();
  await using posta = await startWith(pepe);
  const id = await submit(posta, pepe, { to: [ann], message: letter('released') });
  await untilOutbound(posta, id, [`${ann} held 0`]);
  await posta.stop();
  await posta.serve(['--route', `other.test=127.0.0.1:${other.port}`]);
  assert.match(posta.output.stdout, new RegExp(`other\\.test.*127\\.0\\.0\\.1:${other.port}`));
  await posta.run('queue', 'release', id);
  await untilOutbound(posta, id, [`${ann} sent 1`]);
  assert.equal(other.taken.length, 1);
});

test('what waits is shown with what the other server said, held, and sent when the admin says so', async () => {
  await using other = await ScriptedServer.start((command) =>
    command.startsWith('RCPT') ? '451 4.7.1 Try later' : undefined,
  );
  await using posta = await startWith(pepe, ['--route', `other.test=127.0.0.1:${other.port}`]);
  const id = await submit(posta, pepe, { to: [ann, bob], message: letter('waits') });
  await untilOutbound(posta, id, [`${ann} waiting 1`, `${bob} waiting 1`]);
  for (const { state, last, attempts } of await listed(posta, 'list', '--waiting'))
    assert.deepEqual([state, last, attempts], ['waiting', '451 4.7.1 Try later', 1]);
  assert.equal(await posta.run('queue', 'hold', id, bob), `${bob} is held.\n`);
  other.script = () => undefined;
  await posta.run('queue', 'retry', id);
  await untilOutbound(posta, id, [`${ann} sent 2`, `${bob} held 1`]);
  await posta.run('queue', 'release', id);
  await untilOutbound(posta, id, [`${ann} sent 2`, `${bob} sent 1`]);
  assert.deepEqual(
    other.taken.map(({ to }) => to),
    [[ann], [bob]],
  );
  assert.match(await posta.run('queue', 'retry', id), /is sent already/);
  assert.match(await posta.run('message', 'trace', id), /250 2\.0\.0 taken/);
});

test('a smart host is handed all mail with a user and a password, which no output shows', async () => {
  await using host = await ScriptedServer.start((command) => {
    if (command.startsWith('EHLO')) return '250-smart.test\r\n250 AUTH PLAIN';
    return command.startsWith('AUTH') ? '235 2.7.0 welcome' : undefined;
  });
  const url = `smtp://ann%40smart.test:geheim@127.0.0.1:${host.port}`;
  await using posta = await startWith(pepe, ['--smart-host', url]);
  const id = await submit(posta, pepe, { to: [ann, 'eva@third.test'], message: letter('smart') });
  await untilOutbound(posta, id, [`${ann} sent 1`, 'eva@third.test sent 1']);
  const credentials = Buffer.from('\0ann@smart.test\0geheim').toString('base64');
  for (const { commands } of host.visits) assert.ok(commands.includes(`AUTH PLAIN ${credentials}`));
  assert.equal(host.taken.length, 2);
  assert.match(
    posta.output.stdout,
    new RegExp(`goes to smtp://127\\.0\\.0\\.1:${host.port} as ann@smart\\.test`),
  );
  await posta.stop();
  assert.doesNotMatch(posta.output.stdout + posta.output.stderr, /geheim/);
});
