/** Sizes as people write them. */

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `5G`, `200 MB`, `1.5G`, `1048576`: bytes; undefined where it means none. */
export function readSize(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,3})?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const bytes = Math.round(Number(match?.[1]) * (units[match?.[2]?.toUpperCase() ?? ''] ?? NaN));
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}
