/** ID (RFC 2971): who the client says it is goes to the log, cut; who the server is has no version. */
import { badArguments, done, everyState, type Command } from '../command.ts';
import { always } from '../extension.ts';
import { completed } from '../status.ts';
import type { Scanner } from '../syntax/scanner.ts';

/** RFC 2971 section 3.3. */
const maxFields = 30;
const maxLogged = 64;

const idCommand: Command = {
  name: 'ID',
  rfcs: ['RFC 2971 section 3.1'],
  states: everyState,
  run(session, args) {
    args.space();
    const fields = args.accept('NIL') ? [] : args.list(() => field(args), { empty: true });
    if (!args.end() || fields === undefined) return badArguments('ID', args);
    if (fields.length > maxFields) {
      args.refuse('at most 30 fields');
      return badArguments('ID', args);
    }
    const said = new Map(fields);
    const logged = (name: string) => said.get(name)?.slice(0, maxLogged);
    session.log.info('imap.client', { name: logged('name'), version: logged('version'), os: logged('os') });
    session.out.untagged('ID ("name" "Posta")');
    return done(completed('ID'));
  },
};

function field(args: Scanner): readonly [string, string] | undefined {
  const name = args.string('the name of a field');
  args.space();
  const value = args.nstring('the value of a field');
  return name === undefined || value === undefined ? undefined : [name.toLowerCase(), value ?? ''];
}

export const idExtension = always('ID', 'RFC 2971', { commands: [idCommand] });
