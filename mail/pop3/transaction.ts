/** What the commands of the TRANSACTION state share: the maildrop that is open, and the message that is named. */
import type { Command, Outcome } from './command.ts';
import { answer } from './command.ts';
import type { NumberedMessage, OpenMaildrop } from './open-maildrop.ts';
import { replies } from './reply.ts';
import type { Session } from './session.ts';
import { parseNumber, words } from './syntax/command-line.ts';

/** A command of the TRANSACTION state; `run` is given the argument's words. */
export function transactionCommand(parts: {
  readonly verb: string;
  readonly rfcs: readonly string[];
  readonly run: (
    maildrop: OpenMaildrop,
    args: readonly string[],
    session: Session,
  ) => Promise<Outcome> | Outcome;
}): Command {
  const { verb, rfcs, run } = parts;
  return {
    verb,
    rfcs,
    states: ['transaction'],
    run(session, argument) {
      // The state table lets nobody in without one.
      if (session.maildrop === undefined) throw new Error(`${verb} without a maildrop`);
      return run(session.maildrop, words(argument), session);
    },
  };
}

/** What `run` makes of the message that `word` names, or the refusal where it names none. */
export function withMessage(
  maildrop: OpenMaildrop,
  word: string,
  run: (message: NumberedMessage) => Promise<Outcome> | Outcome,
): Promise<Outcome> | Outcome {
  const number = parseNumber(word);
  if (number === undefined) return answer(replies.badArguments('a message number is a number'));
  const found = maildrop.find(number);
  return found.kind === 'found' ? run(found.message) : answer(found.reply);
}
