/** The sample messages of test/messages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../messages');

/** Names of the samples, without `.eml`. */
export const sampleNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.eml'))
  .map((file) => file.slice(0, -4))
  .sort();

/** A sample's bytes. */
export function sample(name: string): Buffer {
  return readFileSync(join(folder, `${name}.eml`));
}

/** What IMAP says of it, read and approved by a person: lines of ENVELOPE, BODYSTRUCTURE, and the preview as JSON. */
export function expectedOf(name: string): string {
  return readFileSync(join(folder, `${name}.imap`), 'latin1');
}
