/** CAPA (RFC 2449 section 5): what is offered, as things are. */
import { listing } from '../bodies.ts';
import { answer, everyState, type Command } from '../command.ts';
import { replies } from '../reply.ts';

export const capaCommand: Command = {
  verb: 'CAPA',
  rfcs: ['RFC 2449 section 5'],
  states: everyState,
  run(session, argument) {
    if (argument.trim() !== '') return answer(replies.badArguments('CAPA takes none'));
    const lines = session.registry.capabilities.flatMap((capability) => capability.line(session) ?? []);
    return { kind: 'multiLine', reply: replies.capabilities, body: listing(lines) };
  },
};
