/** Stopped, killed and started again with mail on its way to another server: all of it arrives. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { untilOutbound } from './outbound.ts';
import { ScriptedServer } from './scripted-server.ts';
import { pepe, startWith, submit } from './two-postas.ts';

const ann = 'ann@other.test';
const letter = (text: string) => `From: ${pepe.user}\r\nSubject: ${text}\r\n\r\nHello\r\n`;

/** A server that answers nothing to what begins with `stuckAt`. */
function stuck(stuckAt: string): Promise<ScriptedServer> {
  return ScriptedServer.start((command) =>
    command.startsWith(stuckAt) ? new Promise<undefined>(() => {}) : undefined,
  );
}

const routeTo = ({ port }: ScriptedServer) => ['--route', `other.test=127.0.0.1:${port}`];

async function said(other: ScriptedServer, command: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!other.visits.some(({ commands }) => commands.some((each) => each.startsWith(command)))) {
    assert.ok(Date.now() < deadline, `nobody said ${command}`);
    await sleep(20);
  }
}

// Each test has servers of its own, and most of each is waiting.
suite('a message on its way to another server', { concurrency: 3 }, () => {
  for (const [signal, at] of [
    ['SIGTERM', 'connect'],
    ['SIGTERM', 'RCPT'],
    ['SIGKILL', 'RCPT'],
  ] as const)
    test(`that was being sent at ${signal}, up to ${at}, is sent at the next start, at once and once`, async () => {
      await using other = await stuck(at);
      await using posta = await startWith(pepe, routeTo(other));
      const id = await submit(posta, pepe, { to: [ann], message: letter('slow') });
      await said(other, at);
      const began = Date.now();
      const code = await posta.stop(signal);
      if (signal === 'SIGTERM') {
        assert.equal(code, 0, posta.output.stderr);
        assert.ok(Date.now() - began < 30_000);
        assert.doesNotMatch(posta.output.stderr, /"level":"error"/);
      }
      other.script = () => undefined;
      await posta.serve();
      await untilOutbound(posta, id, [`${ann} sent 1`]);
      assert.equal(other.arrived.length, 1);
    });

  test('that waits for its time keeps its time over a restart', async () => {
    await using other = await ScriptedServer.start((command) =>
      command.startsWith('RCPT') ? '450 4.2.0 later' : undefined,
    );
    await using posta = await startWith(pepe, routeTo(other));
    const id = await submit(posta, pepe, { to: [ann], message: letter('later') });
    const [before] = await untilOutbound(posta, id, [`${ann} waiting 1`]);
    await posta.stop();
    await posta.serve();
    const [after] = await untilOutbound(posta, id, [`${ann} waiting 1`]);
    assert.equal(after?.dueAtMs, before?.dueAtMs);
    other.script = () => undefined;
    await posta.run('queue', 'retry', id);
    await untilOutbound(posta, id, [`${ann} sent 2`]);
    assert.equal(other.taken.length, 1);
  });

  test('that waited for others when the server stopped is sent at the next start', async () => {
    await using other = await stuck('MAIL');
    await using posta = await startWith(pepe, routeTo(other));
    const ids = [];
    for (let at = 0; at < 30; at++)
      ids.push(await submit(posta, pepe, { to: [ann], message: letter(`${at}`) }));
    await said(other, 'MAIL');
    assert.equal(await posta.stop(), 0);
    other.script = () => undefined;
    await posta.serve();
    for (const id of ids) await untilOutbound(posta, id, [`${ann} sent 1`]);
    const subjects = other.arrived.map(({ message }) => /^Subject: (\d+)\r$/m.exec(message.toString())?.[1]);
    assert.deepEqual(
      subjects.toSorted((a, b) => Number(a) - Number(b)),
      ids.map((_id, at) => `${at}`),
    );
  });
});
