/**
 * What `posta serve` was last started with, as far as `posta doctor` and `posta dns` ask: `server.json` in the data
 * directory, so that they need not be told again. Nothing in it is secret.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Log } from '../mail/ports/log.ts';
import type { ServeOptions } from './options.ts';

const schema = z.object({
  hostname: z.string(),
  host: z.array(z.string()),
  portBase: z.int(),
  /** Standard ports whose connections begin with a PROXY header. */
  proxyPorts: z.array(z.int()),
  mx: z.boolean(),
  /** Without its user and password. */
  smartHost: z.object({ host: z.string(), port: z.int(), implicitTls: z.boolean() }).optional(),
  mtaSts: z.enum(['enforce', 'testing', 'none']),
});

const fileName = 'server.json';

/** Where it cannot be written the server runs all the same. */
export function keepStart(
  options: ServeOptions,
  { dataDir, hostname, log }: { readonly dataDir: string; readonly hostname: string; readonly log: Log },
): void {
  const { host, portBase, proxyProtocol, mx, smartHost, mtaSts } = options;
  const start: z.output<typeof schema> = {
    hostname,
    host: [...host],
    portBase,
    proxyPorts: [...proxyProtocol].flatMap(([port, mode]) => (mode === 'required' ? [port] : [])),
    mx,
    ...(smartHost === undefined
      ? {}
      : {
          smartHost: { host: smartHost.host, port: smartHost.port, implicitTls: smartHost.implicitTls },
        }),
    mtaSts,
  };
  const path = join(dataDir, fileName);
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(start, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (fault) {
    log.error('serve.startNotKept', fault, { path });
  }
}

/** The command's options; what nobody set is as the server was last started with it. */
export function asLastStarted(command: Command, options: ServeOptions): ServeOptions {
  const last = readStart(options.data);
  if (last === undefined) return options;
  const isSet = (name: keyof ServeOptions) =>
    !['default', undefined].includes(command.getOptionValueSource(name));
  // Who sets one way out means that one alone.
  const wayOut = isSet('mx') || isSet('smartHost');
  return {
    ...options,
    ...(isSet('hostname') ? {} : { hostname: last.hostname }),
    ...(isSet('host') ? {} : { host: last.host }),
    ...(isSet('portBase') ? {} : { portBase: last.portBase }),
    ...(isSet('proxyProtocol')
      ? {}
      : { proxyProtocol: new Map(last.proxyPorts.map((port) => [port, 'required'] as const)) }),
    ...(isSet('mtaSts') ? {} : { mtaSts: last.mtaSts }),
    ...(wayOut
      ? {}
      : { mx: last.mx, ...(last.smartHost === undefined ? {} : { smartHost: last.smartHost }) }),
  };
}

/** undefined: no server was started on it yet. */
function readStart(dataDir: string): z.output<typeof schema> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(join(dataDir, fileName), 'utf8')));
  } catch {
    return undefined;
  }
}
