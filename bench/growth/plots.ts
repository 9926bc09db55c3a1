/** The plots of the page: one for each operation, and one for the memory. */
import type { Finding, Series } from './findings.ts';
import type { Point } from './measured.ts';
import { plotSvg, type Line } from './plot.ts';
import { formatCount, formatMegabytes, formatMs } from './units.ts';

/** Where a guide of linear growth begins. */
const guideFrom = 10_000;
const guideTo = 1_000_000;

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
  const first = measures.find(({ size }) => size >= guideFrom) ?? measures.at(-1);
  if (name !== 'messages' || first === undefined) return [];
  const grown = ideal === 'linear' ? guideTo / first.size : 1;
  return [
    {
      name: ideal,
      guide: true,
      points: [
        { x: first.size, y: first.medianMs },
        { x: guideTo, y: first.medianMs * grown },
      ],
    },
  ];
}

function memoryPlot(points: readonly Point[]): PlotFile {
  const ofMailbox = points.filter(({ series }) => series === 'messages');
  const mailbox = (name: string, bytesOf: (point: Point) => number | undefined): Line => ({
    name,
    points: ofMailbox.flatMap((point) => {
      const bytes = bytesOf(point);
      return bytes === undefined ? [] : [{ x: point.size, y: bytes / 2 ** 20 }];
    }),
  });
  const after = (point: Point, id: string) => point.timed.find(({ operation }) => operation === id)?.memory;
  const svg = plotSvg({
    title: 'Memory of the process',
    xTitle: names.messages,
    yTitle: 'used, garbage collected',
    lines: [
      mailbox('idle', ({ idle }) => idle.used),
      mailbox('the mailbox selected', (point) => after(point, 'select-cold')?.used),
      mailbox('after all operations', (point) => after(point, 'expunge')?.used),
    ],
    leastDecades: 2,
    formatX: formatCount,
    formatY: formatMegabytes,
  });
  return { name: 'memory', svg };
}
