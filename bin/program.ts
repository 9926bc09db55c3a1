/** The `posta` command and its subcommands. One file for each in `commands/`, loaded where its name is called. */
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { choosePlace } from './choose-place.ts';
import { stackBeforeCommand } from './options.ts';

interface Subcommand {
  readonly name: string;
  readonly description: string;
  /** Gives what adds arguments, options and subcommands. */
  readonly load: () => Promise<(command: Command) => void>;
}

const subcommands: readonly Subcommand[] = [
  {
    name: 'serve',
    description: 'run the mail server: SMTP on 25, 465 and 587, IMAP on 143 and 993, POP3 on 110 and 995',
    load: async () => (await import('./commands/serve.ts')).defineServe,
  },
  {
    name: 'domain',
    description: 'add, change, list and remove domains',
    load: async () => (await import('./commands/domain.ts')).defineDomain,
  },
  {
    name: 'account',
    description: 'add, show, change and remove accounts',
    load: async () => (await import('./commands/account.ts')).defineAccount,
  },
  {
    name: 'alias',
    description: 'add, change, list and remove aliases',
    load: async () => (await import('./commands/alias.ts')).defineAlias,
  },
  {
    name: 'credential',
    description: 'add, list and remove app passwords: one for each device, with a scope',
    load: async () => (await import('./commands/credential.ts')).defineCredential,
  },
  {
    name: 'queue',
    description: 'show, retry, hold, release and remove mail on its way to other servers',
    load: async () => (await import('./commands/queue.ts')).defineQueue,
  },
  {
    name: 'suppression',
    description: 'list, add and remove addresses elsewhere that get no more mail from here',
    load: async () => (await import('./commands/suppression.ts')).defineSuppression,
  },
  {
    name: 'message',
    description: 'show what became of a message',
    load: async () => (await import('./commands/message.ts')).defineMessage,
  },
  {
    name: 'dns',
    description: "print the records that a domain's DNS should have",
    load: async () => (await import('./commands/dns.ts')).defineDns,
  },
  {
    name: 'doctor',
    description: 'look whether DNS, certificate, ports, sending and queues are as they should be',
    load: async () => (await import('./commands/doctor.ts')).defineDoctor,
  },
  {
    name: 'import',
    description: 'bring mail into an account: mbox, Maildir, .eml, a folder or a zip of .eml',
    load: async () => (await import('./commands/import.ts')).defineImport,
  },
  {
    name: 'export',
    description: "write an account's mail as a Maildir",
    load: async () => (await import('./commands/export.ts')).defineExport,
  },
  {
    name: 'restored',
    description: 'to be run once when a backup was put back, before the server starts',
    load: async () => (await import('./commands/restored.ts')).defineRestored,
  },
];

const examples = `
Examples:
  posta serve                                       run the server; a new data directory gets two accounts
  posta account add ann@example.org                 add an account; its password is made and shown
  posta alias add info@example.org ann@example.org
  posta import ann@example.org ~/Maildir            bring old mail along
  posta --stack posta account list                  of a deployment in AWS

In Posta's folder the command is npx posta. It works while the server runs, or does not, on the same data directory
(--data, or POSTA_DATA in the environment); or on a deployment in AWS (--stack, or POSTA_STACK).`;

/**
 * The command for these arguments. Only what they name is loaded: the listeners and their libraries take longer than
 * listing the accounts.
 */
export async function postaProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('posta')
    .description('Posta, a complete mail service')
    .version(packageJson.version)
    .addOption(stackBeforeCommand())
    .hook('preAction', choosePlace)
    .addHelpText('after', examples);
  for (const { name, description, load } of subcommands) {
    const command = program.command(name).description(description);
    if (args.includes(name)) (await load())(command);
  }
  oneLineErrors(program, 'posta');
  return program;
}

/** Each command's errors on one line, which ends with where its options are explained. */
function oneLineErrors(command: Command, name: string): void {
  command.configureOutput({
    outputError(text, write) {
      const line = text.trim().replaceAll(/\s*\n\s*/g, ' ');
      write(`${line}${/[.?)]$/.test(line) ? '' : '.'} See ${name} --help\n`);
    },
  });
  for (const below of command.commands) oneLineErrors(below, `${name} ${below.name()}`);
}
