/** A line of the log as any program writes it, and whether a query asks for it. */
import type { KeptLine, KeptLogQuery } from '../mail/ports/kept-log.ts';

/** Undefined for what is no line of ours. */
export function parseKeptLine(text: string): KeptLine | undefined {
  try {
    const { time, level, event, ...fields } = JSON.parse(text) as Record<string, unknown>;
    if (typeof time !== 'string' || typeof level !== 'string' || typeof event !== 'string') return undefined;
    return { time, level, event, fields };
  } catch {
    return undefined;
  }
}

/** The end of the year 9999. */
export const lastMs = 253_402_300_799_999;

export function isAskedFor(
  line: KeptLine,
  { fields, value, fromMs = 0, toMs = lastMs }: KeptLogQuery,
): boolean {
  const timeMs = Date.parse(line.time);
  const has = fields.some((name) => {
    const held = line.fields[name];
    return held === value || (Array.isArray(held) && held.includes(value));
  });
  return has && timeMs >= fromMs && timeMs <= toMs;
}
