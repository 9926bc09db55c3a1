/** `posta message`: what became of a message. */
import type { Command } from 'commander';
import { keptLogFiles } from '../../drivers/system/kept-log.ts';
import { readableFields } from '../../drivers/system/readable-log-line.ts';
import { messageTrace, type TracedMessage } from '../../lambdas/admin/message-commands.ts';
import type { FiledMessage } from '../../lambdas/admin/trace-places.ts';
import type { KeptLine } from '../../mail/ports/kept-log.ts';
import { adminPorts } from '../admin-ports.ts';
import { logFolder } from '../keep-log.ts';
import { addPlaceOptions } from '../options.ts';
import { print, printJson, printRows, type Row } from '../output.ts';
import { carryOut, type AdminOptions } from './admin.ts';
import { printOutbound } from './queue.ts';

export function defineMessage(message: Command): void {
  message.addHelpText('after', example);
  addPlaceOptions(message.command('trace'))
    .description(
      'show all that happened to a message, from the session that brought it to its end, and where it is',
    )
    .argument('<id>', 'as the log, the Received field and posta queue list name it, or its Message-ID')
    .option('--json', 'print JSON')
    .addHelpText('after', example)
    .action(trace);
}

const example = `
Examples:
  posta message trace 5e884898da28047151d0
  posta message trace '<0123abcd@example.org>'`;

async function trace(id: string, options: AdminOptions): Promise<void> {
  const { messages } = await carryOut(
    messageTrace,
    { id },
    {
      place: options,
      portsOf: (machine) => ({
        ...adminPorts(machine),
        mail: machine.mail,
        keptLog: keptLogFiles(logFolder(machine.dataDir)),
      }),
    },
  );
  if (options.json) return printJson(messages);
  for (const [at, message] of messages.entries()) {
    if (at > 0) print('');
    printTrace(message);
  }
}

function printTrace({ messageId, lines, linesCut, accounts, recipients }: TracedMessage): void {
  print(`Message ${messageId}\n`);
  printRows(lines.map(rowOfLine), 'The log says nothing of it: its lines are kept for 30 days.');
  if (linesCut) print(`and more: these are the first ${lines.length}`);
  if (accounts.length > 0) {
    print('\nHere:');
    printRows(accounts.flatMap(rowsOfAccount), '');
  }
  if (recipients.length > 0) {
    print('\nOn other servers:');
    printOutbound(recipients, '');
  }
}

function rowOfLine({ time, level, event, fields }: KeptLine): Row {
  return { time, what: event, level: level === 'info' ? null : level, details: detailsOf(fields) };
}

/** Without what each line has, what stands beside them, and what is empty. */
function detailsOf(fields: KeptLine['fields']): string {
  const {
    messageId: _id,
    session: _session,
    connection: _same,
    protocol: _protocol,
    fault,
    ...rest
  } = fields;
  const said = Object.entries(rest).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  const thrown = typeof fault === 'object' && fault !== null && 'message' in fault ? [fault.message] : [];
  return readableFields(Object.fromEntries([...said, ...thrown.map((message) => ['fault', message])]));
}

function rowsOfAccount({ accountId, account, places, deletedAfter }: FiledMessage): readonly Row[] {
  const name = account ?? `${accountId} (removed)`;
  if (places.length > 0)
    return places.map(({ folder, uid }) => ({ account: name, folder, uid, state: null }));
  const until = deletedAfter === null ? 'kept for now' : `its bytes are deleted after ${deletedAfter}`;
  return [{ account: name, folder: null, uid: null, state: `expunged; ${until}` }];
}
