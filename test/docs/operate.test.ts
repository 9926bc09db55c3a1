/** docs/operate.md is true: every option with its variable and default, every event of the log, every metric. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { addServeOptions } from '../../bin/options.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/operate.md'), 'utf8');
const cellsOf = (line: string) => line.split('|').map((cell) => cell.trim());
const rows = page.split('\n').filter((line) => line.startsWith('| '));

/** Names in code that the sources give to calls of these methods. */
function namesIn(methods: string): Set<string> {
  const call = new RegExp(`\\.(?:${methods})\\(\\s*'([a-zA-Z]+(?:\\.[a-zA-Z-]+)*)'`, 'g');
  const names = new Set<string>();
  for (const file of globSync('{mail,containers,drivers,bin,lambdas}/**/*.ts', { cwd: root }))
    for (const [, name = ''] of readFileSync(join(root, file), 'utf8').matchAll(call)) names.add(name);
  return names;
}

test('every option of posta serve has its line, with its variable and default, and no other has', () => {
  const command = new Command();
  addServeOptions(command);
  const shownOptions = command.options.filter(({ hidden }) => !hidden);
  const expected = new Map(shownOptions.map((option) => [`\`${option.long}\``, option]));
  const written = rows.filter((line) => /^\| `--/.test(line)).map((line) => cellsOf(line).slice(1, 4));
  assert.deepEqual(written.map(([name = '']) => name).toSorted(), [...expected.keys()].toSorted());
  for (const [name = '', variable, fallback] of written) {
    const option = expected.get(name);
    assert.equal(variable, `\`${option?.envVar}\``);
    const shown: unknown = option?.defaultValueDescription ?? option?.defaultValue;
    // What commander does not know is said in words.
    if (typeof shown === 'string' || typeof shown === 'number') assert.equal(fallback, String(shown), name);
  }
});

test('every event that is logged has its line', () => {
  const described = new Set(
    rows.flatMap((line) => [...(cellsOf(line)[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name)),
  );
  const logged = namesIn('debug|info|warn|error|#note');
  assert.ok(logged.size > 50);
  assert.deepEqual(
    [...logged].filter((event) => !described.has(event)),
    [],
  );
});

test('every metric is named', () => {
  const metrics = namesIn('count|gauge|timeMs');
  assert.ok(metrics.size > 20);
  assert.deepEqual(
    [...metrics].filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});
