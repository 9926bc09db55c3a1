/** `npm run cost`: what each operation asks of AWS, in dollars. `--write` puts it into docs/cost.md. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { openBed } from './bed.ts';
import type { Measured } from './measured.ts';
import { monthOf } from './month.ts';
import { changeOperations } from './operations/change.ts';
import { listOperations, openOperations, waitingOperations } from './operations/read.ts';
import { receiveOperations } from './operations/receive.ts';
import { submitOperation } from './operations/submit.ts';
import { sweepOperations } from './operations/sweep.ts';
import { pageOf, targetsOf } from './report.ts';

const sizes = [1, 1000, 10_000, 100_000];

await using bed = await openBed();
const measured: Measured[] = [];
const step = async (name: string, work: () => Promise<readonly Measured[]>) => {
  process.stderr.write(`${name} …\n`);
  measured.push(...(await work()));
};
await step('receiving', () => receiveOperations(bed));
await step('sending', async () => [await submitOperation(bed)]);
await step('changing', () => changeOperations(bed));
await step('sweeping', () => sweepOperations(bed));
await step('waiting', () => waitingOperations(bed));
await step('listing', () => listOperations(bed));
await step(`opening mailboxes of ${sizes.join(', ')} messages`, () => openOperations(bed, sizes));

const byId = new Map(measured.map((each) => [each.id, each]));
const month = monthOf(byId);
const targets = targetsOf(byId, month);
const date = new Date().toISOString().slice(0, 10);
const machine = `Measured on ${date}, Node ${process.versions.node}, ${cpus().length} cores.`;
const page = pageOf(measured, { month, targets, machine });
process.stdout.write(page);
if (process.argv.includes('--write')) writeFileSync(join(import.meta.dirname, '../../docs/cost.md'), page);
