/** UIDPLUS (RFC 4315): UID EXPUNGE; APPENDUID and COPYUID are in `../commands`, with what they tell of. */
import { badArguments, done, selectedOnly, type Command } from '../command.ts';
import { expunge } from '../commands/expunge.ts';
import { always } from '../extension.ts';
import { completed } from '../status.ts';
import { sequenceSet } from '../syntax/sequence-set.ts';

const uidExpungeCommand: Command = {
  name: 'UID EXPUNGE',
  rfcs: ['RFC 4315 section 2.1'],
  states: selectedOnly,
  run(session, args) {
    args.space();
    const set = sequenceSet(args);
    if (!args.end() || set === undefined) return badArguments('UID EXPUNGE', args);
    const { selected } = session;
    const uids = [...selected.uidsOf(selected.resolve(set, 'uid') ?? [])];
    if (uids.length === 0 && !selected.readOnly) return done(completed('UID EXPUNGE'));
    return expunge(session, 'UID EXPUNGE', uids);
  },
};

export const uidplusExtension = always('UIDPLUS', 'RFC 4315', { commands: [uidExpungeCommand] });
