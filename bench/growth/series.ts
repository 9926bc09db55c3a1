/** The two series: one mailbox that grows, and one store with ever more accounts. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OneMachine } from '../../bin/one-machine.ts';
import { addOne, addOurDomain, fillAccounts, fillMailbox, type Progress } from './fill.ts';
import { openMachine } from './machine.ts';
import type { Answer, Asked } from './measure.ts';
import { timed, type Point, type SeriesName } from './measured.ts';

export const messageSizes = [1000, 10_000, 100_000, 1_000_000];
export const accountSizes = [10, 1000, 100_000];
const messagesOfAccount = 3;
/** Processes in which SELECT is the first thing. */
const coldRounds = 5;

export async function measureMessages(most: number): Promise<readonly Point[]> {
  await using scratch = await scratchFolder();
  const { data } = scratch;
  const account = await filling(data, async (machine) => {
    await addOurDomain(machine);
    return addOne(machine, 0);
  });
  const points: Point[] = [];
  let filled = 0;
  for (const size of messageSizes.filter((each) => each <= most)) {
    const progress = progressOf('messages', size);
    const start = performance.now();
    await filling(data, (machine) => fillMailbox(machine, account, { from: filled, to: size, progress }));
    const fillSeconds = (performance.now() - start) / 1000;
    filled = size;
    const { address } = account;
    const ask = { data, series: 'messages', address, messages: size } as const;
    const cold: number[] = [];
    for (let round = 0; round < coldRounds; round++)
      for (const { medianMs } of (await measure({ ...ask, onlyCold: true })).timed) cold.push(medianMs);
    const answer = await measure({ ...ask, onlyCold: false });
    const [first, ...others] = answer.timed;
    if (first === undefined) throw new Error('nothing was measured');
    const select = timed('select-cold', [...cold, first.medianMs], first.memory);
    points.push(
      await pointOf(data, {
        series: 'messages',
        size,
        fillSeconds,
        idle: answer.idle,
        timed: [select, ...others],
      }),
    );
  }
  return points;
}

export async function measureAccountSeries(most: number): Promise<readonly Point[]> {
  await using scratch = await scratchFolder();
  const { data } = scratch;
  await filling(data, addOurDomain);
  const points: Point[] = [];
  let filled = 0;
  for (const size of accountSizes.filter((each) => each <= most)) {
    const progress = progressOf('accounts', size);
    const start = performance.now();
    const messages = messagesOfAccount;
    await filling(data, (machine) => fillAccounts(machine, { from: filled, to: size, messages, progress }));
    const fillSeconds = (performance.now() - start) / 1000;
    filled = size;
    const answer = await measure({ data, series: 'accounts', accounts: size });
    points.push(await pointOf(data, { series: 'accounts', size, fillSeconds, ...answer }));
  }
  return points;
}

async function pointOf(data: string, point: Omit<Point, 'disk'>): Promise<Point> {
  const whole: Point = { ...point, disk: await bytesIn(data) };
  const seconds = point.fillSeconds.toFixed(0);
  say(
    `${point.size.toLocaleString('en')} ${point.series}, ${(whole.disk / 1e6).toFixed(0)} MB, filled in ${seconds} s`,
  );
  for (const { operation, medianMs, p95Ms, memory } of whole.timed)
    say(
      `  ${operation.padEnd(15)} ${medianMs.toFixed(3).padStart(10)} ms, p95 ${p95Ms.toFixed(3).padStart(10)} ms, ` +
        `used ${(memory.used / 2 ** 20).toFixed(0)} MB, resident ${(memory.resident / 2 ** 20).toFixed(0)} MB`,
    );
  return whole;
}

/** On a disk, where the system's folder for such things is on one; removed at the end, whatever the end is. */
async function scratchFolder() {
  const data = await mkdtemp(join(tmpdir(), 'posta-growth-'));
  const removed = { recursive: true, force: true } as const;
  const atExit = () => rmSync(data, removed);
  const interrupted = () => process.exit(130);
  process.once('exit', atExit);
  process.once('SIGINT', interrupted);
  return {
    data,
    async [Symbol.asyncDispose]() {
      process.off('exit', atExit);
      process.off('SIGINT', interrupted);
      await rm(data, removed);
    },
  };
}

async function filling<Result>(
  data: string,
  work: (machine: OneMachine) => Promise<Result>,
): Promise<Result> {
  await using machine = await openMachine(data);
  return await work(machine);
}

async function measure(asked: Asked): Promise<Answer> {
  const program = join(import.meta.dirname, 'measure.ts');
  const child = fork(program, [JSON.stringify(asked)], { execArgv: ['--expose-gc'] });
  let answered: Answer | undefined;
  child.on('message', (message) => (answered = message as Answer));
  await once(child, 'exit');
  if (answered === undefined) throw new Error(`${program} ended without an answer`);
  return answered;
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).blocks * 512);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A line each five seconds. */
function progressOf(series: SeriesName, size: number): Progress {
  const begin = performance.now();
  let said = begin;
  return (done) => {
    const now = performance.now();
    if (now - said < 5000) return;
    said = now;
    const seconds = ((now - begin) / 1000).toFixed(0);
    say(`  filling: ${done.toLocaleString('en')} of ${size.toLocaleString('en')} ${series}, ${seconds} s`);
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
