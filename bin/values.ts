/** What an option's text means: sizes, ports, domains. A text that means nothing gets a clause that says what would. */
import { InvalidArgumentError } from 'commander';
import { readSize } from '../lambdas/admin/size.ts';
import { canonicalDomain } from '../mail/message/address.ts';

/** `5G`, `200M`, `1.5G`, `1048576`: bytes. */
export function parseSize(text: string): number {
  const bytes = readSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('Write a size such as 200M or 5G.');
  return bytes;
}

/** Bytes as people write them: `4.7 GB`. */
export function formatSize(bytes: number): string {
  const names = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${names[power]}`;
}

/** A whole number within bounds. */
export function parseWholeNumber(bounds: {
  readonly least: number;
  readonly most: number;
}): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < bounds.least || value > bounds.most)
      throw new InvalidArgumentError(`Write a whole number from ${bounds.least} to ${bounds.most}.`);
    return value;
  };
}

/** A domain name, in the form that is looked up. */
export function parseDomain(text: string): string {
  const domain = text.startsWith('[') ? undefined : canonicalDomain(text);
  if (domain === undefined) throw new InvalidArgumentError('Write a domain name such as example.org.');
  return domain;
}
