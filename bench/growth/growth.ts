/**
 * How operations grow with the messages of a mailbox and the accounts of a store:
 *
 *     node bench/growth/growth.ts [--most 1000000] [--write]
 *
 * `--write` puts it into docs/performance.md, with a plot for each operation beside it. A million messages take some ten
 * minutes and 3 GB of the disk under the system's folder for temporary files.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findingsOf } from './findings.ts';
import { pageWith, partOf } from './page.ts';
import { plotsOf } from './plots.ts';
import { measureAccountSeries, measureMessages } from './series.ts';

const { values } = parseArgs({
  options: { most: { type: 'string', default: '1000000' }, write: { type: 'boolean', default: false } },
});
const most = Number(values.most);
if (!(most >= 1000)) throw new RangeError('--most is a number from 1000 on');

const points = [...(await measureMessages(most)), ...(await measureAccountSeries(most))];
const findings = findingsOf(points);
const date = new Date().toISOString().slice(0, 10);
const [cpu] = cpus();
const memory = (totalmem() / 2 ** 30).toFixed(0);
const machine = `Measured on ${date}, Node ${process.versions.node}, ${cpus().length} cores (${cpu?.model.trim()}), ${memory} GB of memory.`;
const part = partOf(findings, { points, machine });
process.stdout.write(part);

if (values.write) {
  const docs = join(import.meta.dirname, '../../docs');
  const page = join(docs, 'performance.md');
  writeFileSync(page, pageWith(existsSync(page) ? readFileSync(page, 'utf8') : undefined, part));
  mkdirSync(join(docs, 'performance'), { recursive: true });
  for (const { name, svg } of plotsOf(findings, points))
    writeFileSync(join(docs, 'performance', `${name}.svg`), svg);
}
