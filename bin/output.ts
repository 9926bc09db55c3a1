/** What a command prints: tables for people, JSON for programs. */

export type Cell = string | number | boolean | null | undefined;
export type Row = Readonly<Record<string, Cell | readonly string[]>>;

/** Prints rows under their names; columns that are empty in every row are left out. */
export function printRows(rows: readonly Row[], none: string): void {
  if (rows.length === 0) return print(none);
  const names = Object.keys(rows[0] ?? {}).filter((name) => rows.some((row) => text(row[name]) !== ''));
  const width = (name: string) => Math.max(name.length, ...rows.map((row) => text(row[name]).length));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(width(names[at] ?? '')))
      .join('  ')
      .trimEnd();
  print(line(names.map((name) => name.toUpperCase())));
  for (const row of rows) print(line(names.map((name) => text(row[name]))));
}

/** Prints one thing, a line for each of its parts. */
export function printOne(row: Row): void {
  const width = Math.max(...Object.keys(row).map((name) => name.length));
  for (const [name, value] of Object.entries(row))
    if (text(value) !== '') print(`${name.padEnd(width)}  ${text(value)}`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function text(value: Cell | readonly string[]): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? value.join(', ') : String(value);
}
