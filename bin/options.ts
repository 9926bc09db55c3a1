/**
 * The options of `posta serve`, from one table: on the command line, as `POSTA_…` in the environment, or under the
 * same names in a JSON file (`--config`); the first of these that names an option wins.
 */
import { Resolver } from 'node:dns';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { listenerLimits } from '../containers/listener/limits.ts';
import { standardPorts } from '../containers/standard-ports.ts';
import type { MtaStsMode } from '../mail/web/mta-sts.ts';
import { applyConfigFile } from './config-file.ts';
import { CommandFailure } from './failure.ts';
import { parseRoute, parseSmartHost, type NextServer } from './next-server.ts';
import { defaultData, fromHere } from './place.ts';
import { parseDomain, parseSize, parseWholeNumber } from './values.ts';

export type ProxyProtocol = 'required' | 'off';

export interface ServeOptions {
  readonly data: string;
  readonly host: readonly string[];
  readonly portBase: number;
  /** Domains to make in an empty data directory. */
  readonly domain: readonly string[];
  /** What the server calls itself; undefined takes the machine's name. */
  readonly hostname?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Whether certificates are got from a certificate authority. */
  readonly acme: boolean;
  readonly acmeMail?: string;
  readonly acmeDirectory: string;
  readonly acmeCa?: string;
  /** A hosted zone of Route 53 in which names are proved. */
  readonly acmeZone?: string;
  /** By standard port number. */
  readonly proxyProtocol: ReadonlyMap<number, ProxyProtocol>;
  readonly loopbackPasswords: boolean;
  /** In bytes. */
  readonly maxMessageSize: number;
  /** Connections open at once, in all and from one client. */
  readonly maxConnections: number;
  readonly maxConnectionsPerClient: number;
  /** Processes that serve sessions. */
  readonly workers: number;
  /** This process is one of them, of the server with this generation. */
  readonly workerOf?: string;
  readonly retentionDays: number;
  /** Servers for mail to these domains, by canonical name. */
  readonly route: ReadonlyMap<string, NextServer>;
  /** The server for all other mail that is not for here. */
  readonly smartHost?: NextServer;
  /** Mail that is not for here goes to its domain's own servers. */
  readonly mx: boolean;
  /** Those that are asked in place of the system's: addresses, with a port where it is not 53. */
  readonly dnsServer?: readonly string[];
  /** What other servers are told of TLS to this one. */
  readonly mtaSts: MtaStsMode;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory';

/** What a command works on. */
export interface Place {
  readonly data: string;
  /** A deployment in AWS, by its stage; before `data`. */
  readonly stack?: string;
}

/** Adds what says where: a data directory, or a deployment. */
export function addPlaceOptions(command: Command): Command {
  return command.addOption(dataOption()).addOption(stackOption());
}

export function stackOption(): Option {
  return stackBeforeCommand().env('POSTA_STACK');
}

/** The same before the command's name, where there is no environment to it: each command has that. */
export function stackBeforeCommand(): Option {
  return new Option(
    '--stack <stage>',
    'a deployment in AWS, such as posta, in place of a data directory',
  ).argParser(parseStage);
}

/** For a command that needs the data directory itself. */
export function addDataOption(command: Command, insteadInAws: string): Command {
  command.addOption(dataOption());
  return command.addOption(
    new Option('--stack <stage>').hideHelp().argParser(() => {
      throw new CommandFailure(`posta ${command.name()} works on a data directory only. ${insteadInAws}`);
    }),
  );
}

function parseStage(text: string): string {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(text))
    throw new InvalidArgumentError('Write the stage of a deployment, such as posta.');
  return text;
}

/** Where the data is, for every command. The path is absolute once it is parsed. */
export function dataOption(): Option {
  return new Option('--data <dir>', 'the data directory')
    .env('POSTA_DATA')
    .default(defaultData, ".posta in Posta's folder")
    .argParser(parsePath);
}

function parsePath(text: string): string {
  if (text === '') throw new InvalidArgumentError('Write a path.');
  return fromHere(text);
}

function parseList<T>(text: string, parse: (part: string) => T): T[] {
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter((part, at) => part !== '' || at === 0).map(parse);
}

/** Repeated options add up, after a default that the first of them replaces. */
function repeatable<T>(option: Option, parse: (text: string) => T, fallback: readonly T[]): Option {
  let given: T[] = [];
  return option.default(fallback, fallback.join(', ')).argParser((text: string) => {
    given = [...given, ...parseList(text, parse)];
    return given;
  });
}

function parseHost(text: string): string {
  if (!/^[A-Za-z0-9.:%_-]+$/.test(text))
    throw new InvalidArgumentError('Write an address to listen on, such as 127.0.0.1, 0.0.0.0 or ::.');
  return text;
}

function parseDnsServer(text: string): string {
  try {
    new Resolver().setServers([text]);
    return text;
  } catch {
    throw new InvalidArgumentError(
      'Write an IP address such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353.',
    );
  }
}

function parseHttpsUrl(text: string): string {
  if (!URL.canParse(text) || new URL(text).protocol !== 'https:')
    throw new InvalidArgumentError(`Write a URL such as ${letsEncrypt}.`);
  return text;
}

function parseProxyProtocol(text: string, before: unknown): ReadonlyMap<number, ProxyProtocol> {
  const modes = new Map(before instanceof Map ? (before as ReadonlyMap<number, ProxyProtocol>) : []);
  for (const part of text.split(',')) {
    const match = /^(?:(\d+)=)?(required|off)$/.exec(part.trim());
    const ports = match?.[1] === undefined ? Object.values(standardPorts) : [Number(match[1])];
    const known = ports.every((port) => Object.values(standardPorts).some((standard) => standard === port));
    if (match === null || !known)
      throw new InvalidArgumentError(
        `Write required or off for all listeners, or such as 25=required (${Object.values(standardPorts).join(', ')}).`,
      );
    for (const port of ports) modes.set(port, match[2] === 'required' ? 'required' : 'off');
  }
  return modes;
}

function parseRoutes(text: string, before: unknown): ReadonlyMap<string, NextServer> {
  const routes = new Map(before instanceof Map ? (before as ReadonlyMap<string, NextServer>) : []);
  for (const [domain, server] of parseList(text, parseRoute)) routes.set(domain, server);
  return routes;
}

/** The table. Each option's environment name is made from its own. */
function serveOptions(): Option[] {
  const options = [
    repeatable(new Option('--host <address...>', 'addresses to listen on; :: is IPv6 and IPv4'), parseHost, [
      '127.0.0.1',
    ]),
    new Option('--port-base <n>', 'added to each standard port number; 0 for the real ones')
      .default(2000)
      .argParser(parseWholeNumber({ least: 0, most: 64_000 })),
    repeatable(
      new Option('--domain <name...>', 'domains to make when the data directory is empty'),
      parseDomain,
      ['example.test'],
    ),
    new Option('--hostname <name>', "the server's own name in greetings and Received fields").argParser(
      parseDomain,
    ),
    new Option('--tls-cert <file>', 'certificate chain, PEM; read again when it changes').argParser(
      parsePath,
    ),
    new Option('--tls-key <file>', 'its private key, PEM').argParser(parsePath),
    new Option(
      '--acme',
      'get and renew certificates from a certificate authority, proved on port 443; means agreement to its terms',
    ).default(false),
    new Option('--acme-mail <address>', 'where the certificate authority writes to when something is wrong'),
    new Option('--acme-directory <url>', 'the certificate authority (RFC 8555)')
      .default(letsEncrypt, "Let's Encrypt")
      .argParser(parseHttpsUrl),
    new Option(
      '--acme-ca <file>',
      'what its own certificate is trusted by, PEM, where it is a private one',
    ).argParser(parsePath),
    new Option(
      '--acme-zone <id>',
      'a hosted zone of Route 53: names are proved by records in it, and no port has to be reached',
    ),
    new Option('--proxy-protocol <[port=]mode...>', 'required or off, for all listeners or by standard port')
      .default(new Map(), 'off')
      .argParser(parseProxyProtocol),
    new Option('--no-loopback-passwords', 'no password without TLS, not even from this machine'),
    new Option('--max-message-size <size>', 'largest message taken')
      .default(50 * 2 ** 20, '50M')
      .argParser(parseSize),
    new Option('--max-connections <n>', 'connections open at once')
      .default(listenerLimits.maxConnections)
      .argParser(parseWholeNumber({ least: 1, most: 1_000_000 })),
    new Option(
      '--max-connections-per-client <n>',
      'connections open at once from one address, or IPv6 /64; webmail needs one for each of its users',
    )
      .default(listenerLimits.maxConnectionsPerClient)
      .argParser(parseWholeNumber({ least: 1, most: 1_000_000 })),
    new Option(
      '--workers <n>',
      'processes that serve sessions; each has the limits on connections for itself',
    )
      .default(1)
      .argParser(parseWholeNumber({ least: 1, most: 64 })),
    new Option('--retention-days <n>', 'how long an expunged message is kept before its bytes go')
      .default(30)
      .argParser(parseWholeNumber({ least: 0, most: 3650 })),
    new Option('--route <domain=host:port...>', 'the server that takes mail for a domain elsewhere')
      .default(new Map(), 'none')
      .argParser(parseRoutes),
    new Option(
      '--smart-host <url>',
      'the server that takes all other mail for elsewhere: smtps://user:password@host',
    ).argParser(parseSmartHost),
    new Option('--mx', "hand such mail to its domain's own servers, on port 25").default(false),
    new Option('--dns-server <address...>', "DNS servers that are asked in place of the system's").argParser(
      (text: string, before: unknown) => [
        ...(Array.isArray(before) ? (before as string[]) : []),
        ...parseList(text, parseDnsServer),
      ],
    ),
    new Option(
      '--mta-sts <mode>',
      'what the MTA-STS policy asks of other servers: TLS always, or reports only',
    )
      .choices(['enforce', 'testing', 'none'])
      .default('testing'),
    new Option('--log-level <level>', 'what the log shows')
      .choices(['debug', 'info', 'warn', 'error'])
      .default('info'),
  ];
  return options.map((option) => option.env(environmentName(option)));
}

const environmentName = (option: Option) =>
  `POSTA_${(option.long ?? '').slice(2).replaceAll('-', '_').toUpperCase()}`;

/** Names a process as a worker of a server: what it starts them with beside its own arguments. */
export const workerOption = '--worker-of';

/** Adds the table to the command, with `--config`. */
export function addServeOptions(command: Command): void {
  command.addOption(dataOption());
  for (const option of serveOptions()) command.addOption(option);
  command.addOption(new Option(`${workerOption} <generation>`).hideHelp());
  command.addOption(
    new Option('--config <file>', 'JSON with any of these options under the same names')
      .env('POSTA_CONFIG')
      .argParser(parsePath),
  );
}

/** The settings in force: the command line, then the environment, then the file, then the defaults. */
export function readServeOptions(command: Command): ServeOptions {
  readSwitchesOfEnvironment(command);
  const file = command.getOptionValue('config') as string | undefined;
  if (file !== undefined) applyConfigFile(command, file);
  const options = command.opts<ServeOptions>();
  if (options.acme && options.tlsCert !== undefined)
    command.error(
      'error: --acme and --tls-cert: give one of them, so that it is clear whose certificate counts',
    );
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined))
    command.error(
      'error: --tls-cert and --tls-key go together: give both, or neither for a certificate of our own',
    );
  return options;
}

/** An option without a value counts for commander when its variable is there; for us, when it says yes. */
function readSwitchesOfEnvironment(command: Command): void {
  for (const option of command.options.filter((each) => each.negate || each.isBoolean())) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== 'env') continue;
    const text = process.env[option.envVar ?? ''] ?? '';
    const otherwise = option.negate;
    if (/^(?:|0|false|no|off)$/i.test(text)) command.setOptionValueWithSource(name, otherwise, 'default');
    else if (!/^(?:1|true|yes|on)$/i.test(text))
      command.error(`error: ${option.envVar ?? name} is ${text}. Write true or false`);
  }
}
