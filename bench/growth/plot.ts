/** A small plot on two logarithmic axes, as SVG, readable on light and dark pages. */

export interface Line {
  readonly name: string;
  /** In the order of x; all positive. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Dashed, without points: what to compare with. */
  readonly guide?: boolean;
}

export interface Plot {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly lines: readonly Line[];
  /** The y axis has at least so many powers of ten, so that what is flat looks flat. */
  readonly leastDecades: number;
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
}

const width = 760;
const height = 440;
const frame = { left: 96, right: 722, top: 84, bottom: 374 };
/** Of a point's label from the point. */
const labelAbove = -11;
const labelBelow = 21;

type Place = (value: number) => number;

export function plotSvg(plot: Plot): string {
  const measured = plot.lines.filter(({ guide }) => guide !== true);
  const all = measured.flatMap(({ points }) => points);
  const xs = decades(all.map(({ x }) => x));
  const ys = atLeast(decades(all.map(({ y }) => y)), plot.leastDecades);
  const x = placing(xs, [frame.left + 26, frame.right - 26]);
  const y = placing(ys, [frame.bottom, frame.top]);
  const guides = plot.lines.filter(({ guide }) => guide === true);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(plot.title)}">`,
    style,
    `<rect class="ground" width="${width}" height="${height}" rx="14"/>`,
    text('head', { x: 24, y: 34 }, plot.title),
    ...legends([...measured, ...guides]),
    ...powers(xs).map((power) => vertical(x(power), plot.formatX(power))),
    ...powers(ys).map((power) => horizontal(y(power), plot.formatY(power).replace('.0 ', ' '))),
    text('axis middle', { x: (frame.left + frame.right) / 2, y: height - 20 }, plot.xTitle),
    `<text class="axis middle" transform="translate(22 ${(frame.top + frame.bottom) / 2}) rotate(-90)">${escaped(plot.yTitle)}</text>`,
    `<clipPath id="frame"><rect x="${frame.left}" y="${frame.top}" width="${frame.right - frame.left}" height="${frame.bottom - frame.top}"/></clipPath>`,
    ...guides.map((line) => polyline('guide', line, { x, y })),
    ...measured.flatMap((line, at) => [
      polyline(`line c${at}`, line, { x, y }),
      ...line.points.map(
        (point) => `<circle class="dot c${at}" cx="${round(x(point.x))}" cy="${round(y(point.y))}" r="4.5"/>`,
      ),
    ]),
    ...measured.flatMap((line, at) => labels(line, { others: measured.toSpliced(at, 1), at, plot, x, y })),
    '</svg>',
    '',
  ].join('\n');
}

const style = `<style>
.ground{fill:#f7f8fb}text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;font-size:13px;fill:#1c2333}
.head{font-size:18px;font-weight:600}.axis{fill:#4a5468}.middle{text-anchor:middle}.end{text-anchor:end}
.grid{stroke:#d5dae6;stroke-width:1}.line{fill:none;stroke-width:2.4}.guide{fill:none;stroke:#8a93a8;stroke-width:1.4;stroke-dasharray:5 5}
.line.c0{stroke:#3a5bbf}.line.c1{stroke:#c2571a}.line.c2{stroke:#2f855a}.dot.c0{fill:#3a5bbf}.dot.c1{fill:#c2571a}.dot.c2{fill:#2f855a}
.label{font-weight:600;text-anchor:middle;paint-order:stroke;stroke:#f7f8fb;stroke-width:4px}.label.c0{fill:#3a5bbf}.label.c1{fill:#c2571a}.label.c2{fill:#2f855a}
@media (prefers-color-scheme:dark){.ground{fill:#151922}.label{stroke:#151922}text{fill:#eef1f7}.axis{fill:#b4bdd0}.grid{stroke:#2b3342}.guide{stroke:#6f7a90}.line.c0{stroke:#8aa6ff}.line.c1{stroke:#f0965a}.line.c2{stroke:#5cc58d}.dot.c0,.label.c0{fill:#8aa6ff}.dot.c1,.label.c1{fill:#f0965a}.dot.c2,.label.c2{fill:#5cc58d}}
</style>`;

/** The exponents of the powers of ten that hold all values between them. */
function decades(values: readonly number[]): readonly [number, number] {
  const least = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const most = Math.ceil(Math.log10(Math.max(...values)) - 1e-9);
  return [least, Math.max(most, least + 1)];
}

function atLeast([low, high]: readonly [number, number], count: number): readonly [number, number] {
  const missing = Math.max(0, count - (high - low));
  return [low - Math.floor(missing / 2), high + Math.ceil(missing / 2)];
}

function powers([low, high]: readonly [number, number]): readonly number[] {
  return Array.from({ length: high - low + 1 }, (_, at) => 10 ** (low + at));
}

function placing([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Place {
  return (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
}

function vertical(at: number, name: string): string {
  const x = round(at);
  return (
    `<path class="grid" d="M${x} ${frame.top}V${frame.bottom}"/>` +
    text('axis middle', { x, y: frame.bottom + 22 }, name)
  );
}

function horizontal(at: number, name: string): string {
  const y = round(at);
  return (
    `<path class="grid" d="M${frame.left} ${y}H${frame.right}"/>` +
    text('axis end', { x: frame.left - 10, y: y + 4.5 }, name)
  );
}

const letterWidth = 7.4;

/** A row of all names, each with a piece of its line. */
function legends(lines: readonly Line[]): readonly string[] {
  let x = 24;
  return lines.flatMap(({ name, guide }, at) => {
    const kind = guide === true ? 'guide' : `line c${at}`;
    const piece = `<path class="${kind}" d="M${round(x)} 57h22"/>`;
    const written = text('', { x: x + 29, y: 61.5 }, name);
    x += 48 + name.length * letterWidth;
    return [piece, written];
  });
}

function polyline(
  kind: string,
  { points }: Line,
  { x, y }: { readonly x: Place; readonly y: Place },
): string {
  const path = points.map((point, at) => `${at === 0 ? 'M' : 'L'}${round(x(point.x))} ${round(y(point.y))}`);
  return `<path class="${kind}" clip-path="url(#frame)" d="${path.join('')}"/>`;
}

/** Above its point where the line is the upper one there, else below. */
function labels(
  line: Line,
  options: {
    readonly others: readonly Line[];
    readonly at: number;
    readonly plot: Plot;
    readonly x: Place;
    readonly y: Place;
  },
): readonly string[] {
  const { others, at, plot, x, y } = options;
  return line.points.map((point) => {
    const higher = others.some((other) => (heightOf(other, point.x) ?? 0) > point.y);
    const place = { x: x(point.x), y: y(point.y) + (higher ? labelBelow : labelAbove) };
    return text(`label c${at}`, place, plot.formatY(point.y));
  });
}

/** The line's value between its points; undefined beside them. */
function heightOf({ points }: Line, x: number): number | undefined {
  const next = points.findIndex((point) => point.x >= x);
  const to = points[next];
  if (to === undefined) return undefined;
  if (to.x === x) return to.y;
  const from = points[next - 1];
  if (from === undefined) return undefined;
  const part = Math.log(x / from.x) / Math.log(to.x / from.x);
  return from.y * (to.y / from.y) ** part;
}

function text(kind: string, { x, y }: { readonly x: number; readonly y: number }, written: string): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}">${escaped(written)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(written: string): string {
  return written.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
