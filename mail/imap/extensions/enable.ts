/** ENABLE (RFC 5161). What cannot be enabled is passed over, as the RFC asks. */
import { badArguments, done, loggedIn, type Command } from '../command.ts';
import { always } from '../extension.ts';
import { completed } from '../status.ts';

const enableCommand: Command = {
  name: 'ENABLE',
  rfcs: ['RFC 5161 section 3.1'],
  states: loggedIn,
  run(session, args) {
    const names: string[] = [];
    do {
      if (!args.space()) break;
      const name = args.atom('a capability');
      if (name !== undefined) names.push(name.toUpperCase());
    } while (!args.atEnd);
    if (!args.end()) return badArguments('ENABLE', args);
    const enabled = session.registry.extensions.filter(
      ({ name, enable }) => enable !== undefined && names.includes(name),
    );
    for (const { enable } of enabled) enable?.(session);
    session.out.untagged(['ENABLED', ...enabled.map(({ name }) => name)].join(' '));
    return done(completed('ENABLE'));
  },
};

export const enableExtension = always('ENABLE', 'RFC 5161', { commands: [enableCommand] });
