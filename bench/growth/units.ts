/** Numbers for people: three digits, and the unit that fits. */

export function formatMs(ms: number): string {
  if (ms >= 999.5) return `${threeDigits(ms / 1000)} s`;
  if (ms >= 0.9995) return `${threeDigits(ms)} ms`;
  return `${threeDigits(ms * 1000)} µs`;
}

export function formatMegabytes(megabytes: number): string {
  return megabytes >= 999.5 ? `${threeDigits(megabytes / 1000)} GB` : `${threeDigits(megabytes)} MB`;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

function threeDigits(value: number): string {
  return value >= 99.5 ? String(Math.round(value)) : value.toPrecision(value < 9.95 ? 2 : 3);
}
