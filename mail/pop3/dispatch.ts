/** From a command line to its outcome: lexing, the state table, the command; and what is counted against the client. */
import { answer, type Command, type LineReceiver, type Outcome, type State } from './command.ts';
import { replies, type Reply } from './reply.ts';
import type { Session } from './session.ts';
import { parseCommandLine } from './syntax/command-line.ts';

/** Receives commands, all but the lines of an AUTH exchange. */
export function commandReceiver(session: Session): LineReceiver {
  const { commandLineBytes, loginLineBytes, authLineBytes } = session.limits;
  return {
    maxBytes: Math.max(commandLineBytes, loginLineBytes, authLineBytes),
    line: (line) => dispatch(session, line),
    tooLong: async () => answer(replies.lineTooLong),
  };
}

async function dispatch(session: Session, line: Uint8Array): Promise<Outcome> {
  const parsed = parseCommandLine(line);
  const command = parsed.kind === 'ok' ? session.registry.commands.get(parsed.verb) : undefined;
  const maxBytes = command?.maxLineBytes?.(session) ?? session.limits.commandLineBytes;
  if (line.length + '\r\n'.length > maxBytes) return answer(replies.lineTooLong);
  if (parsed.kind === 'notUtf8') return answer(replies.notUtf8);
  if (parsed.kind === 'bad') return answer(replies.badLine(parsed.reason));
  if (command === undefined) return answer(replies.unknownCommand);
  if (!command.states.includes(session.state)) return answer(outOfPlace(command, session.state));
  try {
    return await command.run(session, parsed.argument);
  } catch (error) {
    return answer(session.fault(error, command.verb));
  }
}

function outOfPlace(command: Command, state: State): Reply {
  switch (state) {
    case 'authorization':
      return replies.sequence('Log in first');
    case 'transaction':
      return replies.sequence(`${command.verb} only before login`);
    default:
      return state satisfies never;
  }
}

const badCommandReasons: ReadonlySet<string> = new Set([
  'unknownCommand',
  'syntax',
  'lineTooLong',
  'sequence',
  'notImplemented',
]);

/** Counts a reply that refuses; with too many bad commands the session's end takes its place. */
export function tally(session: Session, outcome: Outcome): Outcome {
  if (outcome.reply.kind !== 'err') return outcome;
  const { reason, code } = outcome.reply;
  session.counts.refused += 1;
  session.options.metrics.count('pop3.refused', { reason });
  session.log.info('pop3.refused', { reason, code });
  if (outcome.kind !== 'reply' || !badCommandReasons.has(reason)) return outcome;
  session.counts.badCommands += 1;
  if (session.counts.badCommands < session.limits.badCommands) return outcome;
  return { kind: 'end', reply: outcome.reply, farewell: replies.tooManyBadCommands };
}
