/** HELP (RFC 5321 section 4.1.1.8): the commands, or one of them. */
import { answer, everyState, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const helpCommand: Command = {
  verb: 'HELP',
  syntax: 'HELP [command]',
  purpose: 'lists the commands, or explains one',
  rfcs: ['RFC 5321 section 4.1.1.8'],
  states: everyState,
  run(session, argument) {
    const { commands } = session.registry;
    if (argument === '')
      return answer(replies.help(['Commands:', [...commands.keys()].join(' '), 'HELP command explains one']));
    const command = commands.get(argument.toUpperCase());
    if (command === undefined) return answer(replies.badArguments('no such command, HELP lists them'));
    return answer(replies.help([command.syntax, command.purpose]));
  },
};
