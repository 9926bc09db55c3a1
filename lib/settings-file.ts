/** The settings where an admin writes them: `posta.config.ts` or `posta.config.json`, and `-c name=value` before both. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { settingNames } from './settings.ts';

/** What is given, not yet checked. Throws an error for people where a file cannot be read. */
export async function givenSettings(
  context: (name: string) => unknown,
  folder = '.',
): Promise<Readonly<Record<string, unknown>>> {
  const onCommandLine = Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = context(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const [typed, json] = [await typedFile(folder), await jsonFile(folder)];
  if (typed !== undefined && json !== undefined)
    throw new Error(
      `There are ${typedName} and ${jsonName}: keep one of them, so that it is clear which counts`,
    );
  return { ...(typed ?? json), ...onCommandLine };
}

const typedName = 'posta.config.ts';
const jsonName = 'posta.config.json';

async function typedFile(folder: string): Promise<object | undefined> {
  const path = join(folder, typedName);
  if ((await textOf(path)) === undefined) return undefined;
  try {
    const { default: settings } = (await import(pathToFileURL(path).href)) as { default?: unknown };
    if (typeof settings === 'object' && settings !== null) return settings;
  } catch (fault) {
    throw new Error(`${typedName} cannot be run: ${messageOf(fault)}`, { cause: fault });
  }
  throw new Error(`${typedName} exports no settings: it says "export default { domain: 'example.org' }"`);
}

async function jsonFile(folder: string): Promise<object | undefined> {
  const text = await textOf(join(folder, jsonName));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch (fault) {
    throw new Error(`${jsonName} is no JSON: ${messageOf(fault)}`, { cause: fault });
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return undefined;
    throw fault;
  }
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
