/** The table of what was measured: Posta beside the best of the others, with the target and whether it is reached. */
import type { DiskFigure } from './disk.ts';
import type { Measured, Measurements } from './measure.ts';
import { median, type Target, type Work } from './works/work.ts';

/** Of what `dd` writes: as much is as good as reaching the times. */
const nearlyTheDisk = 0.8;

export interface ReportOptions extends Measurements {
  readonly works: readonly Work[];
  /** Posta's own name, then those of the peers. */
  readonly posta: string;
  readonly peers: readonly string[];
  /** Of those that keep messages and no mailboxes. */
  readonly smtpOnly: readonly string[];
  /** What is shown but is no peer: the sink. */
  readonly others: readonly string[];
}

export function report({ works, measured, disk, posta, peers, smtpOnly, others }: ReportOptions): string {
  const of = (
    work: Work,
    server: string,
    pick: (one: Measured) => number | undefined = ({ figure }) => figure,
  ) => {
    const figures = measured
      .filter((one) => one.work === work.name && one.server === server)
      .map(pick)
      .filter((figure) => figure !== undefined);
    return figures.length === 0 ? undefined : median(figures);
  };
  const shown = works.filter((work) => of(work, posta) !== undefined);
  const first = shown.map((work) => {
    const own = of(work, posta) ?? NaN;
    const best = peers
      .flatMap((name) => {
        const figure = of(work, name);
        return figure === undefined ? [] : [{ name, figure }];
      })
      .toSorted((a, b) => (isMore(work) ? b.figure - a.figure : a.figure - b.figure))
      .at(0);
    const times = best === undefined ? undefined : isMore(work) ? own / best.figure : best.figure / own;
    const behind = smtpOnly.some((name) => own <= (of(work, name) ?? 0));
    const ofDisk = work.target.kind === 'accepts' ? own / diskRate(disk, work.target.octets) : 0;
    return [
      work.name,
      write(own, work),
      best === undefined ? '' : `${write(best.figure, work)} (${best.name})`,
      times === undefined ? '' : times.toFixed(times < 10 ? 1 : 0),
      targetText(work),
      reached(work.target, { own, times, ofDisk, behind }),
      `${write1(of(work, posta, ({ serverCpu }) => serverCpu))} / ${write1(of(work, posta, ({ clientCpu }) => clientCpu))}`,
    ];
  });
  const servers = [posta, ...peers, ...smtpOnly, ...others];
  const second = shown.map((work) => [
    work.name,
    ...servers.map((name) => {
      const figure = of(work, name);
      return figure === undefined ? '' : write(figure, work);
    }),
  ]);
  const third = shown.map((work) => [
    work.name,
    ...servers.map((name) => {
      const server = of(work, name, ({ serverCpu }) => serverCpu);
      return server === undefined
        ? ''
        : `${write1(server)} / ${write1(of(work, name, ({ clientCpu }) => clientCpu))}`;
    }),
  ]);
  const rounds = Math.max(...measured.map(({ round }) => round));
  return [
    `Medians of ${rounds} rounds.`,
    table(
      ['work', 'Posta', 'best other', 'times', 'target', 'reached', 'processors: server / client'],
      first,
    ),
    ...diskLine(disk),
    'All of them:',
    table(['work', ...servers], second),
    'Processors that the server and the client kept busy meanwhile, of 2:',
    table(['work', ...servers], third),
  ].join('\n\n');
}

function diskRate(disk: readonly DiskFigure[], octets: number): number {
  return median(disk.filter((one) => one.octets === octets).map(({ rate }) => rate));
}

/** Nothing where no work asked for it. */
function diskLine(disk: readonly DiskFigure[]): readonly string[] {
  const sizes = [...new Set(disk.map(({ octets }) => octets))].map((octets) => {
    const size = octets < 1e6 ? `${octets / 1e3} KB` : `${octets / 1e6} MB`;
    return `${size} ${Math.round(diskRate(disk, octets)).toLocaleString('en')} /s`;
  });
  return sizes.length === 0 ? [] : [`Disk: dd with O_DSYNC, ${sizes.join(', ')}.`];
}

function isMore({ unit }: Work): boolean {
  return unit === '/s';
}

interface Compared {
  readonly own: number;
  readonly times: number | undefined;
  /** As a part of what the disk takes, where that was asked. */
  readonly ofDisk: number;
  /** Whether one that keeps no mailboxes takes in as much. */
  readonly behind: boolean;
}

function reached(target: Target, { own, times, ofDisk, behind }: Compared): string {
  switch (target.kind) {
    case 'times':
      return times === undefined ? '' : yesOrNo(times >= target.times);
    case 'accepts':
      if (behind || ofDisk >= nearlyTheDisk) return yesOrNo(!behind);
      return times === undefined ? '' : yesOrNo(times >= target.times);
    case 'atLeast':
      return yesOrNo(own >= target.value);
    case 'atMost':
      return yesOrNo(own <= target.value);
    case 'stated':
      return '';
    default:
      return target satisfies never;
  }
}

function yesOrNo(is: boolean): string {
  return is ? 'yes' : '**no**';
}

function targetText({ target, unit }: Work): string {
  switch (target.kind) {
    case 'times':
      return `${target.times} times`;
    case 'accepts':
      return `${target.times} times, or ${nearlyTheDisk * 100} % of dd`;
    case 'atLeast':
      return `${target.value} ${unit}`;
    case 'atMost':
      return `${target.value} ${unit}`;
    case 'stated':
      return '';
    default:
      return target satisfies never;
  }
}

function write(figure: number, { unit }: Work): string {
  const digits = figure >= 100 ? 0 : figure >= 10 ? 1 : 2;
  return `${figure.toLocaleString('en', { maximumFractionDigits: digits })} ${unit}`;
}

function write1(figure: number | undefined): string {
  return figure === undefined ? '' : figure.toFixed(1);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
