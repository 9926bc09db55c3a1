/** All commands and extensions; EHLO's list, HELP and the table of states are computed from them. */
import { everyState, type Command, type State } from './command.ts';
import { dataCommand } from './commands/data.ts';
import { ehloCommand } from './commands/ehlo.ts';
import { expnCommand } from './commands/expn.ts';
import { heloCommand } from './commands/helo.ts';
import { mailCommand } from './commands/mail.ts';
import { noopCommand } from './commands/noop.ts';
import { quitCommand } from './commands/quit.ts';
import { rcptCommand } from './commands/rcpt.ts';
import { rsetCommand } from './commands/rset.ts';
import { vrfyCommand } from './commands/vrfy.ts';
import type { Extension } from './extension.ts';
import { authExtension } from './extensions/auth.ts';
import { chunkingExtension } from './extensions/chunking.ts';
import { dsnExtension } from './extensions/dsn.ts';
import { eightBitMimeExtension } from './extensions/eight-bit-mime.ts';
import { enhancedStatusCodesExtension } from './extensions/enhanced-status-codes.ts';
import { helpExtension } from './extensions/help.ts';
import { pipeliningExtension } from './extensions/pipelining.ts';
import { sizeExtension } from './extensions/size.ts';
import { smtpUtf8Extension } from './extensions/smtputf8.ts';
import { startTlsExtension } from './extensions/starttls.ts';

export interface Registry {
  /** In the order in which EHLO shows them. */
  readonly extensions: readonly Extension[];
  /** By verb. */
  readonly commands: ReadonlyMap<string, Command>;
}

const baseCommands: readonly Command[] = [
  ehloCommand,
  heloCommand,
  mailCommand,
  rcptCommand,
  dataCommand,
  rsetCommand,
  noopCommand,
  quitCommand,
  vrfyCommand,
  expnCommand,
];

const extensions: readonly Extension[] = [
  pipeliningExtension,
  sizeExtension,
  eightBitMimeExtension,
  startTlsExtension,
  authExtension,
  enhancedStatusCodesExtension,
  smtpUtf8Extension,
  chunkingExtension,
  dsnExtension,
  helpExtension,
];

export const smtpRegistry: Registry = {
  extensions,
  commands: new Map(
    [...baseCommands, ...extensions.flatMap(({ commands = [] }) => commands)].map((command) => [
      command.verb,
      command,
    ]),
  ),
};

/** Which verbs are allowed in which state. */
export function stateTable(registry: Registry): ReadonlyMap<State, readonly string[]> {
  return new Map(
    everyState.map((state) => [
      state,
      [...registry.commands.values()].filter(({ states }) => states.includes(state)).map(({ verb }) => verb),
    ]),
  );
}
