/** IDLE (RFC 2177): the client hears of changes as they happen, until it says DONE. */
import { badArguments, done, loggedIn, type Command, type LineReceiver } from '../command.ts';
import { always } from '../extension.ts';
import { completed, statuses } from '../status.ts';

const expectsDone = statuses.syntax('IDLE', 'expected DONE');

const idling: LineReceiver = {
  maxBytes: 64,
  idling: true,
  line: (line) =>
    done(/^done$/i.test(Buffer.from(line).toString('latin1').trimEnd()) ? completed('IDLE') : expectsDone),
  tooLong: () => done(expectsDone),
};

const idleCommand: Command = {
  name: 'IDLE',
  rfcs: ['RFC 2177 section 3'],
  states: loggedIn,
  run(session, args) {
    if (!args.end()) return badArguments('IDLE', args);
    // From here on a lost wake-up costs only time; what came before is looked for now.
    if (session.maybeSelected !== undefined) session.selected.stale = true;
    return { kind: 'continue', text: 'idling', next: idling };
  },
};

export const idleExtension = always('IDLE', 'RFC 2177', { commands: [idleCommand] });
