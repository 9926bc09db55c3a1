import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keptLogFiles } from '../../../drivers/system/kept-log.ts';
import { LogFiles } from '../../../drivers/system/log-files.ts';
import { found, keptLogContract } from '../../contracts/kept-log.ts';

async function temporary(): Promise<{ readonly directory: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'posta-kept-log-'));
  return {
    directory: join(folder, 'log'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

keptLogContract('files', async () => {
  const place = await temporary();
  return {
    keptLog: keptLogFiles(place.directory),
    async put(lines) {
      let nowMs = 0;
      await using files = new LogFiles({
        directory: place.directory,
        clock: { now: () => nowMs },
        onFailure: assert.ifError,
      });
      for (const { fields, ...line } of lines) {
        nowMs = Date.parse(line.time);
        files.write(`${JSON.stringify({ ...line, ...fields })}\n`);
      }
      files.start();
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
});

test('what is no line of the log is passed over', async () => {
  await using place = await temporary();
  const { directory } = place;
  await using files = new LogFiles({
    directory,
    clock: { now: () => Date.parse('2026-11-24T00:00:00Z') },
    onFailure: assert.ifError,
  });
  files.start();
  const good = { time: '2026-11-24T10:00:00.000Z', level: 'info', event: 'good', messageId: 'm1' };
  files.write(`${JSON.stringify(good)}\n`);
  await files[Symbol.asyncDispose]();
  const path = join(directory, '2026-11-24.jsonl');
  await appendFile(
    path,
    '{"messageId":"m1"\n\n[1,"m1"]\nnull "m1"\n{"messageId":"m1"}\n{"time":1,"messageId":"m1"}\n',
  );
  await appendFile(join(directory, 'notes.txt'), `${JSON.stringify(good)}\n`);
  // The last one is being written.
  await appendFile(path, `${JSON.stringify(good)}\n{"time":"2026-11-24T10:00:00.000Z","messageId":"m1"`);
  const lines = await found(keptLogFiles(directory), { fields: ['messageId'], value: 'm1' });
  assert.deepEqual(
    lines.map(({ event }) => event),
    ['good', 'good'],
  );
});

test('a line longer than any is passed over, and those after it are found', async () => {
  await using place = await temporary();
  await using files = new LogFiles({
    directory: place.directory,
    clock: { now: () => 0 },
    onFailure: assert.ifError,
  });
  files.start();
  files.write('');
  await files[Symbol.asyncDispose]();
  const path = join(place.directory, '1970-01-01.jsonl');
  for (let at = 0; at < 6; at += 1) await appendFile(path, `"m1"${'x'.repeat(1024 * 1024)}`);
  await appendFile(
    path,
    '\n{"time":"1970-01-01T00:00:00.000Z","level":"info","event":"after","messageId":"m1"}\n',
  );
  const lines = await found(keptLogFiles(place.directory), { fields: ['messageId'], value: 'm1' });
  assert.deepEqual(
    lines.map(({ event }) => event),
    ['after'],
  );
});
