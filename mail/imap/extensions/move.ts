/** MOVE and UID MOVE (RFC 6851): COPYUID before the EXPUNGEs, which are told as all changes are. */
import { badArguments, done, selectedOnly, type Command } from '../command.ts';
import { copyArguments, copyOrMove } from '../commands/copy.ts';
import { always } from '../extension.ts';
import type { Numbering } from '../selected-mailbox.ts';
import { completed, statuses } from '../status.ts';

function command(name: string, numbering: Numbering): Command {
  return {
    name,
    rfcs: ['RFC 6851 section 3'],
    states: selectedOnly,
    async run(session, args) {
      const request = copyArguments(args);
      if (request === undefined) return badArguments(name, args);
      if (session.selected.readOnly) return done(statuses.readOnly);
      const outcome = await copyOrMove(session, { ...request, numbering, operation: 'move' });
      if (outcome.kind !== 'copied') return done(outcome.status);
      if (outcome.copyUid !== undefined) session.out.untagged(`OK [${outcome.copyUid}] Moved`);
      return done(completed(name));
    },
  };
}

export const moveExtension = always('MOVE', 'RFC 6851', {
  commands: [command('MOVE', 'sequence'), command('UID MOVE', 'uid')],
});
