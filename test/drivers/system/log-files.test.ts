import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { LogFiles } from '../../../drivers/system/log-files.ts';

let directory: string;
let faults: unknown[];
let now: number;
const today = '2026-11-24.jsonl';

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'posta-log-files-')), 'log');
  faults = [];
  now = Date.parse('2026-11-24T12:00:00Z');
});
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }));

function logFiles(): LogFiles {
  const files = new LogFiles({
    directory,
    clock: { now: () => now },
    onFailure: (fault) => faults.push(fault),
  });
  return files;
}

const written = (name = today) => readFile(join(directory, name), 'utf8');

test('lines are appended in their order, for the user alone to read', async () => {
  const files = logFiles();
  files.start();
  files.write('a\n');
  files.write('b\n');
  await files[Symbol.asyncDispose]();
  files.write('c\n');
  await files[Symbol.asyncDispose]();
  assert.equal(await written(), 'a\nb\nc\n');
  assert.equal((await stat(join(directory, today))).mode & 0o777, 0o600);
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
});

test('what was logged before the folder could be made is not lost', async () => {
  const files = logFiles();
  files.write('early\n');
  await files[Symbol.asyncDispose]();
  await assert.rejects(written(), { code: 'ENOENT' });
  files.start();
  await files[Symbol.asyncDispose]();
  assert.equal(await written(), 'early\n');
});

test('a line is in the file of the day on which it was logged', async () => {
  const files = logFiles();
  files.write('before midnight\n');
  now += 12 * 60 * 60_000;
  files.write('after it\n');
  files.start();
  await files[Symbol.asyncDispose]();
  assert.equal(await written(), 'before midnight\n');
  assert.equal(await written('2026-11-25.jsonl'), 'after it\n');
});

test('several write to the same file, and every line stays whole', async () => {
  const writers = ['a', 'b', 'c'].map((name) => ({ name, files: logFiles() }));
  const expected: string[] = [];
  for (const { files } of writers) files.start();
  for (let at = 0; at < 300; at += 1) {
    for (const { name, files } of writers) {
      const line = `${name}${at} ${name.repeat((at * 37) % 500)}`;
      files.write(`${line}\n`);
      expected.push(line);
    }
    if (at % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const { files } of writers) await files[Symbol.asyncDispose]();
  assert.deepEqual((await written()).trimEnd().split('\n').toSorted(), expected.toSorted());
});

test('a line that another process is about to end is not taken for cut', async () => {
  await mkdir(directory);
  await writeFile(join(directory, today), 'whole\nhal');
  const files = logFiles();
  files.start();
  files.write('next\n');
  // Longer than lines are gathered, shorter than what is looked at twice.
  await pause(150);
  appendFileSync(join(directory, today), 'f\n');
  await files[Symbol.asyncDispose]();
  assert.equal(await written(), 'whole\nhalf\nnext\n');
});

test('a line that was cut by a power failure does not take the next one with it', async () => {
  await mkdir(directory);
  await writeFile(join(directory, today), 'whole\ncut');
  const files = logFiles();
  files.start();
  files.write('next\n');
  await files[Symbol.asyncDispose]();
  assert.equal(await written(), 'whole\ncut\nnext\n');
});

test('a folder that cannot be written is told once, and again only after it could be', async () => {
  await writeFile(directory, 'a file in the way');
  const files = logFiles();
  files.start();
  for (let at = 0; at < 3; at += 1) {
    files.write('lost\n');
    await files[Symbol.asyncDispose]();
  }
  assert.equal(faults.length, 1);
  await unlink(directory);
  files.write('kept\n');
  await files[Symbol.asyncDispose]();
  assert.equal(await written(), 'kept\n');
  await rm(directory, { recursive: true });
  await writeFile(directory, 'in the way again');
  files.write('lost\n');
  await files[Symbol.asyncDispose]();
  assert.equal(faults.length, 2);
});

test('a full disk is told once, and lines are written again when it has room', async () => {
  await mkdir(directory);
  await symlink('/dev/full', join(directory, today));
  const files = logFiles();
  files.start();
  for (let at = 0; at < 3; at += 1) {
    files.write('lost\n');
    await files[Symbol.asyncDispose]();
  }
  assert.deepEqual(
    faults.map((fault) => (fault as NodeJS.ErrnoException).code),
    ['ENOSPC'],
  );
  await unlink(join(directory, today));
  files.write('kept\n');
  await files[Symbol.asyncDispose]();
  assert.equal(await written(), 'kept\n');
});

test('lines that the disk does not take do not fill the memory', async () => {
  const files = logFiles();
  const line = `${'x'.repeat(99_999)}\n`;
  for (let at = 0; at < 200; at += 1) files.write(line);
  assert.equal(faults.length, 1);
  files.start();
  await files[Symbol.asyncDispose]();
  const { size } = await stat(join(directory, today));
  assert.ok(size > 1_000_000 && size <= 8 * 1024 * 1024);
});

test('files of days long past are deleted, and nothing else', async () => {
  const files = logFiles();
  await files.deleteOlderThan(30);
  await mkdir(directory);
  for (const name of [
    '2026-10-24.jsonl',
    '2026-10-25.jsonl',
    '2026-01-01.jsonl',
    '2026-01-01.jsonl.gz',
    'notes',
  ])
    await appendFile(join(directory, name), 'x\n');
  await files.deleteOlderThan(30);
  assert.deepEqual((await readdir(directory)).toSorted(), [
    '2026-01-01.jsonl.gz',
    '2026-10-25.jsonl',
    'notes',
  ]);
  assert.deepEqual(faults, []);
});
