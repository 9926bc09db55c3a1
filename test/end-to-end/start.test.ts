/** How the server starts and ends: `npm start`, and what keeps it from starting, said in one line. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { openOneMachine } from '../../bin/one-machine.ts';
import { schemaVersion } from '../../drivers/schema-version.ts';
import { recordingLog } from '../contracts/recording-log.ts';
import { freePortBase, mailPorts } from './free-ports.ts';
import { LineClient } from './line-client.ts';
import { postaCommand, TestPosta } from './posta.ts';

suite('a server that cannot start says in one line why and what to do, and exits with 1:', () => {
  let posta: TestPosta;
  let folder: string;
  before(async () => {
    posta = await TestPosta.start();
    folder = await mkdtemp(join(tmpdir(), 'posta-start-'));
  });
  after(async () => {
    await posta[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function refusal(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await postaCommand(['serve', ...args]);
    assert.equal(code, 1, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: [^\n]+\n$/);
    return stderr;
  }

  test('another server on the same data directory', async () => {
    const line = await refusal('--data', posta.dataDir, '--port-base', String(await freePortBase()));
    assert.match(line, new RegExp(`process ${posta.pid}\\b.*--data`));
    using client = await LineClient.connect(posta.ports.smtp);
    assert.match(await client.reply(), /^220 /);
    // It found accounts, and so made none.
    assert.doesNotMatch(posta.output.stdout, /password/);
  });

  test('a port in use', async () => {
    const data = join(folder, 'ports');
    const line = await refusal('--data', data, '--port-base', String(posta.portBase));
    assert.match(line, /127\.0\.0\.1:\d+ is in use.*--port-base/);
  });

  test('a data directory that a newer Posta has written', async () => {
    const data = join(folder, 'newer');
    {
      await using machine = await openOneMachine({ data, log: recordingLog() });
      const { table } = machine.store;
      const key = { pk: 'posta', sk: 'store' };
      const item = { ...(await table.get(key)), ...key, schemaVersion: schemaVersion + 1 };
      assert.deepEqual(await table.commit([{ kind: 'put', item }]), { kind: 'committed' });
    }
    const line = await refusal('--data', data);
    assert.match(
      line,
      new RegExp(`schema version ${schemaVersion + 1}.*understands ${schemaVersion}.*newer Posta`),
    );
  });

  test('a data directory that is a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, 'not a directory');
    assert.match(await refusal('--data', file, '--port-base', String(posta.portBase)), /not a directory/);
  });

  test(
    'a data directory that may not be read',
    { skip: process.getuid?.() === 0 && 'root may read everything' },
    async () => {
      const locked = await mkdtemp(join(folder, 'locked-'));
      await chmod(locked, 0o000);
      assert.match(await refusal('--data', locked), /may not read and write it/);
      await chmod(locked, 0o700);
    },
  );

  test('options that are wrong', async () => {
    for (const args of [
      ['--proxy-protocol', '26=required'],
      ['--tls-cert', 'cert.pem'],
    ]) {
      const { code, stdout, stderr } = await postaCommand([
        'serve',
        '--data',
        join(folder, 'never'),
        ...args,
      ]);
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, new RegExp(`^error: [^\n]*${args[0]}`));
    }
  });
});

suite('npm start', () => {
  /** Posta under npm, as a newcomer starts it, once it is ready. */
  async function npmStart(args: readonly string[]) {
    const child = spawn('npm', ['start', '--', ...args], {
      cwd: join(import.meta.dirname, '../..'),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const lines: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => lines.push(text));
    const output = () => lines.join('');
    for (const deadline = Date.now() + 30_000; !output().includes('is ready');) {
      assert.ok(child.exitCode === null && Date.now() < deadline, output());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return {
      output,
      stop: async () => {
        child.kill('SIGTERM');
        return (await ended)[0];
      },
    };
  }

  test('makes two accounts at first, takes mail, ends with 0 on SIGTERM and frees its ports', async () => {
    const data = await mkdtemp(join(tmpdir(), 'posta-npm-'));
    const portBase = await freePortBase();
    const args = ['--data', data, '--port-base', String(portBase)];
    try {
      const first = await npmStart(args);
      const shown = [...first.output().matchAll(/user name +(\S+) +password +(\S+)/g)];
      assert.deepEqual(
        shown.map(([, user]) => user),
        ['pepe@example.test', 'paco@example.test'],
      );
      for (const [, user, password] of shown) {
        using client = await LineClient.connect(portBase + 995, { tls: true });
        await client.line();
        await client.pop3(`USER ${user}`);
        await client.pop3(`PASS ${password}`);
        await client.pop3('QUIT');
      }
      assert.equal(await first.stop(), 0);
      for (const port of mailPorts) {
        const server = createServer().listen(portBase + port, '127.0.0.1');
        await once(server, 'listening');
        server.close();
      }
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  });
});
