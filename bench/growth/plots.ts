/** The plots of the page: one for each operation, and one for the memory. */
import type { Finding, Series } from './findings.ts';
import type { Point } from './measured.ts';
import { plotSvg, type Line } from './plot.ts';
import { formatCount, formatMegabytes, formatMs } from './units.ts';

/** Where a guide of linear growth begins. */
const guideFrom = 10_000;

export interface PlotFile {
  readonly name: string;
  readonly svg: string;
}

const names = { messages: 'messages in the mailbox', accounts: 'accounts in the store' } as const;

export function plotsOf(findings: readonly Finding[], points: readonly Point[]): readonly PlotFile[] {
  return [...findings.map(plotOf), memoryPlot(points)];
}

function plotOf({ operation, series }: Finding): PlotFile {
  const lines = series.map(({ name, measures }): Line => ({
    name: names[name],
    points: measures.map(({ size, medianMs }) => ({ x: size, y: medianMs })),
  }));
  const svg = plotSvg({
    title: operation.name,
    xTitle: series.map(({ name }) => names[name]).join(', or '),
    yTitle: 'median',
    lines: [...lines, ...series.flatMap(guideOf)],
    leastDecades: 3,
    formatX: formatCount,
    formatY: formatMs,
  });
  return { name: operation.id, svg };
}

/** Ideal growth from the first size that is fitted: a line with the slope 1, or level. */
function guideOf({ name, ideal, measures }: Series): readonly Line[] {
  const first = measures.find(({ size }) => size >= guideFrom);
  const last = measures.at(-1);
  if (name !== 'messages' || first === undefined || last === undefined || last === first) return [];
  const grown = ideal === 'linear' ? last.size / first.size : 1;
  return [
    {
      name: ideal === 'linear' ? 'linear' : 'level',
      guide: true,
      points: [
        { x: first.size, y: first.medianMs },
        { x: last.size, y: first.medianMs * grown },
      ],
    },
  ];
}

function memoryPlot(points: readonly Point[]): PlotFile {
  const ofMailbox = points.filter(({ series }) => series === 'messages');
  const line = (name: string, bytesOf: (point: Point) => number): Line => ({
    name,
    points: ofMailbox.map((point) => ({ x: point.size, y: bytesOf(point) / 2 ** 20 })),
  });
  const svg = plotSvg({
    title: 'Memory of the process',
    xTitle: names.messages,
    yTitle: 'memory',
    lines: [
      line('used, the mailbox selected', ({ timed }) => timed[0]?.memory.used ?? NaN),
      line('resident, after all operations', ({ timed }) => timed.at(-1)?.memory.resident ?? NaN),
    ],
    leastDecades: 3,
    formatX: formatCount,
    formatY: formatMegabytes,
  });
  return { name: 'memory', svg };
}
