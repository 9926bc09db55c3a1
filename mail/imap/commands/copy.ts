/** COPY and UID COPY (RFC 3501 sections 6.4.7, 6.4.8): all of the messages or none. COPYUID is of UIDPLUS. */
import type { CopyOutcome } from '../../mailbox/outcome.ts';
import { badArguments, done, selectedOnly, type Command } from '../command.ts';
import type { Numbering } from '../selected-mailbox.ts';
import type { Session } from '../session.ts';
import { completed, statuses, type Status } from '../status.ts';
import { mailbox } from '../syntax/mailbox-name.ts';
import type { Scanner } from '../syntax/scanner.ts';
import { formatSequenceSet, sequenceSet, type SequenceSet } from '../syntax/sequence-set.ts';

export const copyCommand = command('COPY', 'sequence');
export const uidCopyCommand = command('UID COPY', 'uid');

function command(name: string, numbering: Numbering): Command {
  return {
    name,
    rfcs: ['RFC 3501 section 6.4.7'],
    states: selectedOnly,
    async run(session, args) {
      const request = copyArguments(args);
      if (request === undefined) return badArguments(name, args);
      const outcome = await copyOrMove(session, { ...request, numbering, operation: 'copy' });
      if (outcome.kind !== 'copied') return done(outcome.status);
      return done(completed(name, outcome.copyUid));
    },
  };
}

export interface CopyArguments {
  readonly set: SequenceSet;
  readonly target: string;
}

/** SP sequence-set SP mailbox. */
export function copyArguments(args: Scanner): CopyArguments | undefined {
  args.space();
  const set = sequenceSet(args);
  args.space();
  const target = mailbox(args);
  return args.end() && set !== undefined && target !== undefined ? { set, target } : undefined;
}

/** Copies or moves what is named; `copyUid` is the response code, where anything was. */
export async function copyOrMove(
  session: Session,
  request: CopyArguments & { readonly numbering: Numbering; readonly operation: 'copy' | 'move' },
): Promise<
  | { readonly kind: 'copied'; readonly copyUid: string | undefined }
  | { readonly kind: 'refused'; readonly status: Status }
> {
  const { selected, mail } = session;
  const refused = (status: Status) => ({ kind: 'refused', status }) as const;
  const ranges = selected.resolve(request.set, request.numbering);
  if (ranges === undefined) return refused(statuses.noSuchNumber(selected.told.count));
  const found = await mail.findMailbox(request.target);
  if (found.kind !== 'found') return refused(statuses.tryCreate);
  const uids = [...selected.uidsOf(ranges)];
  if (uids.length === 0) return { kind: 'copied', copyUid: undefined };
  const outcome = await mail[request.operation]({ from: selected.mailbox, to: found.mailbox, uids });
  selected.stale = true;
  if (outcome.kind !== 'copied') return refused(refusalOf(outcome));
  if (outcome.copied.length === 0)
    return request.numbering === 'uid'
      ? { kind: 'copied', copyUid: undefined }
      : refused(statuses.expungeIssued);
  return { kind: 'copied', copyUid: copyUidCode(outcome) };
}

/** `COPYUID uidvalidity from to` (RFC 4315 section 3): both sets in the same order. */
function copyUidCode({ uidValidity, copied }: Extract<CopyOutcome, { readonly kind: 'copied' }>): string {
  const from = formatSequenceSet(copied.map((each) => each.from));
  const to = formatSequenceSet(copied.map((each) => each.to));
  return `COPYUID ${uidValidity} ${from} ${to}`;
}

function refusalOf(outcome: Exclude<CopyOutcome, { readonly kind: 'copied' }>): Status {
  switch (outcome.kind) {
    case 'gone':
    case 'noSuchMailbox':
      return statuses.noSuchMailbox;
    case 'noSuchTarget':
      return statuses.tryCreate;
    case 'overQuota':
      return statuses.overQuota;
    case 'tooManyKeywords':
      return statuses.tooManyKeywords;
    case 'tooMany':
      return statuses.tooManyMessages;
    default:
      return outcome satisfies never;
  }
}
