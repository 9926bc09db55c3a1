/** STORE and UID STORE (RFC 3501 sections 6.4.6, 6.4.8); `UNCHANGEDSINCE` is of CONDSTORE. */
import { sameFlags, type FlagAction, type Flags } from '../../mailbox/flags.ts';
import type { MessageRecord } from '../../mailbox/message-record.ts';
import type { ChangedFlags, StoreOutcome } from '../../mailbox/outcome.ts';
import { parseRev, sound, type Uid } from '../../mailbox/types.ts';
import { badArguments, done, selectedOnly, type Command, type Outcome } from '../command.ts';
import type { Numbering } from '../selected-mailbox.ts';
import type { Session } from '../session.ts';
import { completed, statuses, type Status } from '../status.ts';
import type { StoreConditions } from '../store-modifier.ts';
import { formatFlags, storeFlags } from '../syntax/flag-list.ts';
import type { Scanner } from '../syntax/scanner.ts';
import { formatSequenceSet, sequenceSet, type SequenceSet } from '../syntax/sequence-set.ts';
import { tellKeywords } from '../tell-changes.ts';
import type { Told } from '../told.ts';

export const storeCommand = command('STORE', 'sequence');
export const uidStoreCommand = command('UID STORE', 'uid');

function command(name: string, numbering: Numbering): Command {
  return {
    name,
    rfcs: ['RFC 3501 section 6.4.6'],
    states: selectedOnly,
    tells: numbering === 'uid' ? 'everything' : 'noExpunge',
    run(session, args) {
      const request = storeArguments(args, session);
      if (request === undefined) return badArguments(name, args);
      return store(session, { name, numbering, ...request });
    },
  };
}

/** The commit that made the account: it had no messages then. */
const belowAll = sound(parseRev(1), 'rev');

interface StoreArguments {
  readonly set: SequenceSet;
  readonly conditions: StoreConditions;
  readonly action: FlagAction;
  readonly silent: boolean;
  readonly flags: Flags;
}

/** SP sequence-set SP [modifiers SP] store-att-flags. */
function storeArguments(args: Scanner, session: Session): StoreArguments | undefined {
  args.space();
  const set = sequenceSet(args);
  args.space();
  const conditions = args.looksAt('(') ? storeModifiers(args, session) : {};
  const action = args.accept('+') ? 'add' : args.accept('-') ? 'remove' : 'replace';
  args.expect('FLAGS');
  const silent = args.accept('.SILENT');
  args.space();
  const flags = storeFlags(args);
  if (!args.end() || set === undefined || conditions === undefined || flags === undefined) return undefined;
  return { set, conditions, action, silent, flags };
}

function storeModifiers(args: Scanner, session: Session): StoreConditions | undefined {
  const modifiers = args.list(() => {
    const name = args.word('a modifier of STORE');
    const modifier = name === undefined ? undefined : session.registry.storeModifiers.get(name);
    return modifier === undefined ? args.fail('a modifier of STORE') : modifier.parse(args);
  });
  args.space();
  return modifiers?.reduce((all, one) => ({ ...all, ...one }), {});
}

async function store(
  session: Session,
  request: StoreArguments & { readonly name: string; readonly numbering: Numbering },
): Promise<Outcome> {
  const { selected, mail } = session;
  const { numbering, action, flags, conditions } = request;
  if (selected.readOnly) return done(statuses.readOnly);
  const ranges = selected.resolve(request.set, numbering);
  if (ranges === undefined) return done(statuses.noSuchNumber(selected.told.count));
  const uids = [...selected.uidsOf(ranges)];
  if (uids.length === 0) return done(completed(request.name));
  const { unchangedSince } = conditions;
  conditions.asked?.(session);
  const outcome = await mail.storeFlags({
    mailbox: selected.mailbox,
    uids,
    action,
    flags,
    ...(unchangedSince === undefined ? {} : { unchangedSince: unchangedSince || belowAll }),
  });
  if ((await selected.refresh()) === 'deleted') return done(statuses.noSuchMailbox);
  if (outcome.kind !== 'stored') return done(refusalOf(outcome));
  await tellStored(session, { ...request, uids, outcome });
  return done(statusOf(session, request, outcome));
}

type Stored = Extract<StoreOutcome, { readonly kind: 'stored' }>;

/**
 * The new flags of all messages that were named; with `.SILENT` only where the client cannot know them. Mod-sequences go
 * to those who know what they are, with UNCHANGEDSINCE of every message (RFC 7162 section 3.1.3).
 */
async function tellStored(
  session: Session,
  request: StoreArguments & {
    readonly numbering: Numbering;
    readonly uids: readonly Uid[];
    readonly outcome: Stored;
  },
): Promise<void> {
  const { selected, out } = session;
  const { silent, numbering, conditions, outcome } = request;
  tellKeywords(session);
  const passedOver = new Set<number>([...outcome.modified, ...outcome.missing]);
  const own = new Map<number, ChangedFlags>(outcome.changed.map((change) => [change.uid, change]));
  for (const uid of request.uids) {
    const at = selected.view.indexOf(uid);
    if (passedOver.has(uid) || at < 0) continue;
    const record = selected.view.recordAt(at);
    // What others did to it the client must hear even though it said `.SILENT` (RFC 3501 section 6.4.6).
    const change = own.get(uid);
    const tellsFlags = !silent || !isKnown(selected.told, { record, change });
    const changed = change !== undefined || conditions.unchangedSince !== undefined;
    const tellsModSeq = session.condstore && (tellsFlags || changed);
    selected.told.noteFlags(uid, record.modSeq);
    if (!tellsFlags && !tellsModSeq) continue;
    tellKeywords(session);
    const items: string[] = [];
    if (numbering === 'uid' || session.condstore) items.push(`UID ${uid}`);
    if (tellsFlags) items.push(`FLAGS ${formatFlags(record, { recent: selected.recent.has(uid) })}`);
    if (tellsModSeq) items.push(`MODSEQ (${record.modSeq})`);
    out.untagged(`${selected.told.indexOf(uid) + 1} FETCH (${items.join(' ')})`);
    await out.ready();
  }
}

/** Whether the client can tell itself what the flags are: nobody but it has changed them since it was told. */
function isKnown(
  told: Told,
  { record, change }: { readonly record: MessageRecord; readonly change: ChangedFlags | undefined },
): boolean {
  if (change === undefined) return told.knowsFlags(record.uid, record.modSeq);
  if (!told.knowsFlags(record.uid, change.modSeqBefore)) return false;
  return record.modSeq === change.modSeq && sameFlags(record, change.flags);
}

/**
 * `MODIFIED` names what failed UNCHANGEDSINCE (RFC 7162 section 3.1.3): numbers, or uids for UID STORE; in NO, where other
 * messages are gone.
 */
function statusOf(
  { selected }: Session,
  { name, numbering }: { readonly name: string; readonly numbering: Numbering },
  { modified, missing }: Stored,
): Status {
  // A uid that is not there is passed over in silence (RFC 3501 section 6.4.8).
  const gone = missing.length > 0 && numbering === 'sequence';
  if (modified.length === 0) return gone ? statuses.expungeIssued : completed(name);
  const numbers = modified
    .map((uid) => (numbering === 'uid' ? uid : selected.told.indexOf(uid) + 1))
    .toSorted((one, other) => one - other);
  const code = `MODIFIED ${formatSequenceSet(numbers)}`;
  return gone ? { ...statuses.expungeIssued, code } : completed(name, code);
}

function refusalOf(outcome: Exclude<StoreOutcome, Stored>): Status {
  switch (outcome.kind) {
    case 'gone':
    case 'noSuchMailbox':
      return statuses.noSuchMailbox;
    case 'tooManyKeywords':
      return statuses.tooManyKeywords;
    case 'badKeyword':
      return statuses.badKeyword;
    default:
      return outcome satisfies never;
  }
}
