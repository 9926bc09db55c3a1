/** docs/performance.md: what was found, for people. */
import type { Finding, Series } from './findings.ts';
import { largestExponent } from './fit.ts';
import type { Point } from './measured.ts';
import { formatCount, formatMegabytes, formatMs } from './units.ts';

const begin = '<!-- growth: node bench/growth/growth.ts --write -->';
const end = '<!-- /growth -->';

/** The page with this part of it replaced, or a new page. */
export function pageWith(before: string | undefined, part: string): string {
  const marked = `${begin}\n\n${part}\n${end}`;
  if (before === undefined) return `# Performance\n\n${marked}\n`;
  const from = before.indexOf(begin);
  const to = before.indexOf(end, from);
  if (from < 0 || to < 0) return `${before.trimEnd()}\n\n${marked}\n`;
  return before.slice(0, from) + marked + before.slice(to + end.length);
}

export function partOf(
  findings: readonly Finding[],
  { points, machine }: { readonly points: readonly Point[]; readonly machine: string },
): string {
  return `## Growth

How the time of an operation grows with the messages of a mailbox, and with the accounts of a store: nothing that should be
flat or logarithmic may grow linearly. One process with the embedded store on the machine's disk; accounts and messages (about
1 KB, no two alike) are made by the code that makes them in service; IMAP runs without sockets. Times are medians, until the
answer is written; what a delivery stores is then on the disk. \`node bench/growth/growth.ts\` measures anew, with \`--write\` it
writes this part and the plots. ${machine}

The exponent is fitted to the medians from 10,000 messages, or 1,000 accounts, on: 0 is flat, 1 linear. Holds: at most
${largestExponent.logarithmic} where it should be flat or logarithmic, at most ${largestExponent.linear} where it should be linear.

${table([['operation', 'with', 'should be', 'exponent', 'holds'], ...findings.flatMap(growthRows)])}

${findings.map(section).join('\n')}
### Memory

Of the process, in which the operations follow one another as in the table; used is objects and buffers with the garbage
collected, resident has with it the pages of the table's file that are mapped, which the system takes back as it needs. With
the accounts all operations are done before it is looked at.

![Memory of the process](performance/memory.svg)

${table([memoryHead(findings), ...points.map((point) => memoryRow(findings, point))])}

### The stores

${table([['size', 'on the disk', 'filled in'], ...points.map(storeRow)])}
`;
}

function growthRows({ operation, series }: Finding): readonly (readonly string[])[] {
  return series.map(({ name, ideal, exponent, holds }) => [
    operation.name,
    name,
    ideal,
    Number.isNaN(exponent) ? '–' : exponent.toFixed(2).replace('-0.00', '0.00').replace('-', '−'),
    holds ? 'yes' : '**no**',
  ]);
}

function section({ operation, series }: Finding): string {
  return `### ${operation.name}

${sentence(operation.why)}

![${operation.name}](performance/${operation.id}.svg)

${table([['size', 'median', '95 of 100', 'rounds', 'used', 'resident'], ...series.flatMap(timeRows)])}
`;
}

function timeRows({ name, measures }: Series): readonly (readonly string[])[] {
  return measures.map(({ size, medianMs, p95Ms, rounds, memory }) => [
    `${formatCount(size)} ${name}`,
    formatMs(medianMs),
    formatMs(p95Ms),
    String(rounds),
    megabytes(memory.used),
    megabytes(memory.resident),
  ]);
}

function memoryHead(findings: readonly Finding[]): readonly string[] {
  return ['used after', 'idle', ...findings.map(({ operation }) => operation.id)];
}

function memoryRow(findings: readonly Finding[], { size, series, idle, timed }: Point): readonly string[] {
  const after = findings.map(({ operation }) => {
    const found = timed.find((each) => each.operation === operation.id);
    return found === undefined ? '' : megabytes(found.memory.used);
  });
  return [`${formatCount(size)} ${series}`, megabytes(idle.used), ...after];
}

function storeRow({ size, series, disk, fillSeconds }: Point): readonly string[] {
  return [`${formatCount(size)} ${series}`, formatMegabytes(disk / 1e6), formatMs(fillSeconds * 1000)];
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}

function megabytes(bytes: number): string {
  return formatMegabytes(bytes / 2 ** 20);
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
