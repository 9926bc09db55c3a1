/** Where relative paths start, and where the data is unless told otherwise. */
import { join, resolve } from 'node:path';

/** Posta's own folder, the one with `package.json`. */
const ownFolder = join(import.meta.dirname, '..');

/** The data directory when none is named: the same one from wherever in Posta's folder a command is run. */
export const defaultData = join(ownFolder, '.posta');

/** Absolute: a relative path starts where the user stands. */
export function fromHere(path: string): string {
  return resolve(whereTheUserStands(), path);
}

/** npm runs `npm start` in Posta's folder wherever it was typed, and says in INIT_CWD where that was. */
function whereTheUserStands(): string {
  const { npm_lifecycle_event: script, INIT_CWD: typedIn } = process.env;
  const here = process.cwd();
  return script === 'start' && here === resolve(ownFolder) && typedIn ? typedIn : here;
}
