/** CREATE (RFC 3501 section 6.3.3): with the levels above that are missing. */
import { badArguments, done, loggedIn, type Command } from '../command.ts';
import type { CreateWish } from '../create-parameter.ts';
import { folderStatus } from '../folder-status.ts';
import type { Session } from '../session.ts';
import { mailbox } from '../syntax/mailbox-name.ts';
import type { Scanner } from '../syntax/scanner.ts';

export const createCommand: Command = {
  name: 'CREATE',
  rfcs: ['RFC 3501 section 6.3.3'],
  states: loggedIn,
  async run(session, args) {
    args.space();
    const name = mailbox(args);
    const wishes = args.accept(' ') ? createParameters(args, session) : [];
    if (!args.end() || name === undefined || wishes === undefined) return badArguments('CREATE', args);
    const { refusal, specialUse }: CreateWish = Object.assign({}, ...wishes);
    if (refusal !== undefined) return done(refusal);
    const wanted = specialUse === undefined ? { name } : { name, specialUse };
    return done(folderStatus('CREATE', await session.mail.createFolder(wanted)));
  },
};

function createParameters(args: Scanner, { registry }: Session): readonly CreateWish[] | undefined {
  const what = 'a parameter of CREATE';
  return args.list(
    () => {
      const name = args.word(what);
      const parameter = name === undefined ? undefined : registry.createParameters.get(name);
      return parameter === undefined ? args.fail(what) : parameter.parse(args);
    },
    { what },
  );
}
