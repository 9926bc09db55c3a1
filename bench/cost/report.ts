/** What was measured, for people: as a page of Markdown. */
import type { Measured } from './measured.ts';
import { assumed, type Month } from './month.ts';
import { apartOf, dollarsOf, parts, totalOf } from './usage.ts';

export interface Target {
  readonly name: string;
  readonly reached: boolean;
  readonly found: string;
}

export function targetsOf(measured: ReadonlyMap<string, Measured>, month: Month): readonly Target[] {
  const receive = measured.get('receive1');
  const warm = measured.get('warm10000');
  if (receive === undefined || warm === undefined) throw new Error('the targets were not measured');
  const thousand = totalOf(receive.usage) * 1000;
  const { s3Puts, writeUnits } = receive.usage;
  const most = receive.mostWriteUnits ?? writeUnits;
  return [
    {
      name: '1,000 deliveries of 50 KB for at most 0.025 USD',
      reached: thousand <= 0.025,
      found: thousand.toFixed(4),
    },
    { name: 'at most 1 PUT a delivery', reached: s3Puts <= 1, found: s3Puts.toFixed(2) },
    {
      name: 'on average 16 write units a delivery, 18 at worst',
      reached: writeUnits <= 16 && most <= 18,
      found: `${writeUnits.toFixed(1)}, ${most}`,
    },
    {
      name: 'an unchanged mailbox opens warm with 2 read units',
      reached: warm.usage.readUnits <= 2,
      found: String(warm.usage.readUnits),
    },
    {
      name: 'the typical mailbox for at most 0.07 USD a month',
      reached: month.total <= 0.07,
      found: month.total.toFixed(4),
    },
  ];
}

export function pageOf(
  measured: readonly Measured[],
  {
    month,
    targets,
    machine,
  }: { readonly month: Month; readonly targets: readonly Target[]; readonly machine: string },
): string {
  const usd = (dollars: number) => dollars.toFixed(4);
  const rows = measured.map(({ name, usage }) => {
    const dollars = dollarsOf(usage);
    return [
      name,
      usd(totalOf(usage) * 1000),
      ...parts.map((part) => usd(dollars[part] * 1000)),
      usage.writeUnits.toFixed(1),
      usage.readUnits.toFixed(1),
      `${usage.s3Puts.toFixed(0)} / ${usage.s3Gets.toFixed(0)}`,
    ];
  });
  const head = ['operation', 'USD for 1,000', ...parts, 'write units', 'read units', 'S3 PUT / GET'];
  const submit = measured.find(({ id }) => id === 'submit');
  const ses = submit === undefined ? 0 : apartOf(submit.usage).ses;
  return `# What it costs

What each operation really asks of AWS: Posta's own programs against emulators of the services, every request counted,
priced as us-east-1 did in autumn 2026 (\`bench/cost/prices.ts\`). \`npm run cost\` measures anew, \`npm run cost -- --write\`
writes this page. ${machine}

Functions are billed by time, and an emulator's answers say nothing of AWS's: each call is taken to last what it usually
does there, one after the other, and the processor's part is what was used here (\`bench/cost/lambda-time.ts\`). Apart from
the table: SES's fees (${usd(ses * 1000)} USD for 1,000 messages of 50 KB to one recipient), data out, and what runs whether
anybody uses it or not. A task's own queue for "account X changed" costs 0.05 USD a month, whatever it hears.

${table([head, ...rows])}

## Against the targets

${table([['target', 'found', 'reached'], ...targets.map(({ name, found, reached }) => [name, found, reached ? 'yes' : '**no**'])])}

## A typical mailbox, for a month

${assumed.messages.toLocaleString('en')} messages, 1 GB, ${assumed.devices} devices that are always connected. Assumed
besides: each reconnects ${assumed.reconnectsADay} times a day, and opens INBOX ${assumed.opensADay} times.

${table([['what', 'USD'], ...month.lines.map(({ name, dollars }) => [name, usd(dollars)]), ['**all**', `**${usd(month.total)}**`]])}
`;
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
