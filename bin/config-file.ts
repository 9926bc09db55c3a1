/** The JSON file of `--config`: options under their names on the command line, for what nothing else has set. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { CommandFailure } from './failure.ts';

/** Sets what neither the command line nor the environment has; what is wrong ends the command, by name. */
export function applyConfigFile(command: Command, file: string): void {
  const fail = (why: string) => command.error(`error: the configuration file ${file} ${why}`);
  for (const [name, value] of Object.entries(readConfigFile(file, fail))) {
    const option = command.options.find(({ long }) => long === `--${name}` || long === `--no-${name}`);
    if (option === undefined || name === 'config')
      return fail(`names an option that is not there: ${name}. posta serve --help lists them`);
    const source = command.getOptionValueSource(option.attributeName());
    if (source !== 'default' && source !== undefined) continue;
    const read =
      option.negate || option.isBoolean()
        ? settingOf(name, value, fail) !== (option.negate && name.startsWith('no-'))
        : fromFile(option, { value, file, fail });
    command.setOptionValueWithSource(option.attributeName(), read, 'config');
  }
}

function readConfigFile(file: string, fail: (why: string) => never): object {
  let settings: unknown;
  try {
    settings = JSON.parse(readFileSync(file, 'utf8'));
  } catch (fault) {
    const missing = fault instanceof Error && 'code' in fault && fault.code === 'ENOENT';
    return fail(missing ? 'is not there' : `cannot be read: ${messageOf(fault)}`);
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    return fail('must hold one JSON object, such as {"port-base": 0}');
  return settings;
}

function settingOf(name: string, value: unknown, fail: (why: string) => never): boolean {
  return typeof value === 'boolean'
    ? value
    : fail(`gives ${name} as ${JSON.stringify(value)}. Write true or false`);
}

interface FileSetting {
  readonly value: unknown;
  readonly file: string;
  readonly fail: (why: string) => never;
}

/** Files that a configuration file names stand relative to it. */
const pathOptions = ['data', 'tls-cert', 'tls-key'];

function fromFile(option: Option, { value, file, fail }: FileSetting): unknown {
  const name = option.name();
  const text = textOf(value);
  if (text === undefined || (pathOptions.includes(name) && typeof value !== 'string'))
    return fail(`gives ${name} as ${JSON.stringify(value)}. Write it as on the command line`);
  try {
    if (pathOptions.includes(name) && text !== '') return resolve(dirname(file), text);
    return option.parseArg === undefined ? text : option.parseArg(text, undefined);
  } catch (fault) {
    if (fault instanceof CommandFailure) throw fault;
    return fail(`gives ${name} as ${JSON.stringify(value)}. ${messageOf(fault)}`);
  }
}

/** A setting as the command line would have it: a list with commas, `{"25": "required"}` as `25=required`. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const parts = Array.isArray(value)
    ? value.map(textOf)
    : Object.entries(value).map(([key, mode]) => `${key}=${textOf(mode) ?? ''}`);
  return parts.includes(undefined) ? undefined : parts.join(',');
}

const messageOf = (fault: unknown) => (fault instanceof Error ? fault.message : String(fault));
