/** From a command line to its outcome: lexing, the state table, the command; and what is counted against the client. */
import type { Command, LineReceiver, Outcome, State } from './command.ts';
import { answer } from './command.ts';
import { replies, type Reply } from './reply.ts';
import type { Session } from './session.ts';
import { parseCommandLine } from './syntax/command-line.ts';

/** Receives commands, all but the octets and lines that a command asks for. */
export function commandReceiver(session: Session): LineReceiver {
  const { commandLineBytes, authLineBytes } = session.limits;
  return {
    kind: 'lines',
    maxBytes: Math.max(commandLineBytes, authLineBytes),
    line: (line) => dispatch(session, line),
    unreadable: (why) => answer(why === 'tooLong' ? replies.lineTooLong : replies.bareLineEnd),
  };
}

async function dispatch(session: Session, line: Uint8Array): Promise<Outcome> {
  const parsed = parseCommandLine(line);
  const command = parsed.kind === 'ok' ? session.registry.commands.get(parsed.verb) : undefined;
  const maxBytes = command?.maxLineBytes?.(session) ?? session.limits.commandLineBytes;
  if (line.length + '\r\n'.length > maxBytes) return answer(replies.lineTooLong);
  if (parsed.kind === 'bad') return answer(replies.badLine(parsed.reason));
  if (command === undefined) return answer(replies.unknownCommand);
  if (command.progress !== true) session.idleCommands += 1;
  if (command.progress !== true && session.idleCommands > session.limits.idleCommands)
    return { kind: 'end', reply: replies.tooManyIdleCommands };
  if (!command.states.includes(session.state))
    return refuse(session, command, { argument: parsed.argument, reply: outOfPlace(command, session.state) });
  try {
    return await command.run(session, parsed.argument);
  } catch (error) {
    const reply = session.fault(error, command.verb);
    await session.reset();
    return refuse(session, command, { argument: parsed.argument, reply });
  }
}

function refuse(
  session: Session,
  command: Command,
  { argument, reply }: { readonly argument: string; readonly reply: Reply },
): Outcome {
  return command.refuse?.(session, argument, reply) ?? answer(reply);
}

/** `503 5.5.1`, with what would be in place. */
function outOfPlace(command: Command, state: State): Reply {
  switch (state) {
    case 'connected':
      return replies.sequence('Say EHLO first');
    case 'greeted':
      return replies.sequence('MAIL first: no message was begun');
    case 'sender':
      if (command.states.includes('recipients')) return replies.noRecipients;
      return replies.sequence(`${command.verb} not within a message: end it, or drop it with RSET`);
    case 'recipients':
      return replies.sequence(`${command.verb} not within a message: end it, or drop it with RSET`);
    case 'chunks':
      return replies.sequence('The message was begun with BDAT: end it with BDAT LAST, or drop it with RSET');
    default:
      return state satisfies never;
  }
}

const badCommandReasons: ReadonlySet<string> = new Set([
  'unknownCommand',
  'syntax',
  'bareLineEnd',
  'lineTooLong',
  'unknownParameter',
  'notImplemented',
  'sequence',
]);

/** Counts a reply that refuses; with too many bad commands the session's end takes its place. */
export function tally(session: Session, outcome: Outcome): Outcome {
  if (outcome.kind === 'silent' || outcome.reply.reason === undefined) return outcome;
  const { reason, code, enhanced } = outcome.reply;
  session.counts.refused += 1;
  session.options.metrics.count('smtp.refused', { role: session.options.role, reason });
  session.log.info('smtp.refused', { reason, reply: `${code} ${enhanced}` });
  if (outcome.kind !== 'reply' || !badCommandReasons.has(reason)) return outcome;
  session.counts.badCommands += 1;
  if (session.counts.badCommands < session.limits.badCommands) return outcome;
  return { kind: 'end', reply: outcome.reply, farewell: replies.tooManyBadCommands };
}
