/** SELECT and EXAMINE (RFC 3501 sections 6.3.1, 6.3.2). */
import { badArguments, done, loggedIn, type Command, type Outcome } from '../command.ts';
import type { Uid } from '../../mailbox/types.ts';
import { allSystemFlags, systemFlags } from '../../mailbox/flags.ts';
import type { MailboxView } from '../../mailbox/view.ts';
import { SelectedMailbox } from '../selected-mailbox.ts';
import type { Session } from '../session.ts';
import { completed, statuses } from '../status.ts';
import { formatFlags, formatPermanentFlags } from '../syntax/flag-list.ts';
import { mailbox } from '../syntax/mailbox-name.ts';
import type { Scanner } from '../syntax/scanner.ts';
import { claimRecent, recentCount } from '../tell-changes.ts';

export const selectCommand = command('SELECT', false);
export const examineCommand = command('EXAMINE', true);

function command(name: string, readOnly: boolean): Command {
  return {
    name,
    rfcs: [`RFC 3501 section 6.3.${readOnly ? 2 : 1}`],
    states: loggedIn,
    tells: 'nothing',
    async run(session, args) {
      args.space();
      const wanted = mailbox(args);
      const parameters = args.accept(' ') ? selectParameters(args, session) : [];
      if (!args.end() || wanted === undefined || parameters === undefined) return badArguments(name, args);
      // Whatever comes of it, the mailbox that was selected no longer is.
      if (session.maybeSelected !== undefined) {
        session.unselect();
        session.out.untagged('OK [CLOSED] The mailbox before is closed');
      }
      for (const apply of parameters) apply(session);
      return open(session, { name, wanted, readOnly });
    },
  };
}

function selectParameters(args: Scanner, session: Session) {
  return args.list(() => {
    const name = args.word('a parameter of SELECT');
    const parameter = name === undefined ? undefined : session.registry.selectParameters.get(name);
    return parameter === undefined ? args.fail('a parameter of SELECT') : parameter.parse(args);
  });
}

async function open(
  session: Session,
  { name, wanted, readOnly }: { readonly name: string; readonly wanted: string; readonly readOnly: boolean },
): Promise<Outcome> {
  session.watch();
  const opened = await session.mail.openByName(wanted);
  if (opened.kind !== 'open') {
    session.unselect();
    return done(statuses.noSuchMailbox);
  }
  session.select(new SelectedMailbox({ opened, name: wanted, readOnly }));
  // As of the same moment as what was told: other sessions move the view on while this one waits.
  const state = stateOf(session);
  try {
    await claimRecent(session, state.uidNext);
  } catch (fault) {
    session.unselect();
    throw fault;
  }
  tellMailbox(session, state);
  return done(completed(name, readOnly ? 'READ-ONLY' : 'READ-WRITE'));
}

interface MailboxNow {
  readonly flags: string;
  readonly permanentFlags: string;
  readonly unseen: number;
  readonly uidNext: Uid;
  readonly uidValidity: number;
  readonly highestModSeq: number;
}

function stateOf({ selected }: Session): MailboxNow {
  const { keywords, uidNext, uidValidity, highestModSeq } = selected.view;
  return {
    flags: formatFlags({ system: allSystemFlags, keywords: [...keywords] }),
    permanentFlags: formatPermanentFlags(selected),
    unseen: firstUnseen(selected.view),
    uidNext,
    uidValidity,
    highestModSeq,
  };
}

function tellMailbox(session: Session, state: MailboxNow): void {
  const { out, selected } = session;
  out.untagged(`FLAGS ${state.flags}`);
  out.untagged(`${selected.told.count} EXISTS`);
  out.untagged(`${recentCount(session)} RECENT`);
  if (state.unseen > 0) out.untagged(`OK [UNSEEN ${state.unseen}] The first message that is not seen`);
  out.untagged(`OK [PERMANENTFLAGS ${state.permanentFlags}] Flags that are kept`);
  out.untagged(`OK [UIDNEXT ${state.uidNext}] The next uid`);
  out.untagged(`OK [UIDVALIDITY ${state.uidValidity}] The uids are valid`);
  out.untagged(`OK [HIGHESTMODSEQ ${state.highestModSeq}] The mailbox's mod-sequence`);
}

/** Its number; 0 where all are seen. */
function firstUnseen(view: MailboxView): number {
  for (let index = 0; index < view.count; index++)
    if ((view.systemFlagsAt(index) & systemFlags.seen) === 0) return index + 1;
  return 0;
}
