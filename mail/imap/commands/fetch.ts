/** FETCH and UID FETCH (RFC 3501 sections 6.4.5, 6.4.8); `CHANGEDSINCE` is of CONDSTORE. */
import { badArguments, done, selectedOnly, type Command, type Outcome } from '../command.ts';
import { fetchArguments, type FetchArguments } from '../fetch/fetch-arguments.ts';
import { fetchMessages, type Fetched } from '../fetch/fetch-messages.ts';
import { matching } from '../fetch/matching.ts';
import { uidItem } from '../fetch/record-items.ts';
import type { Numbering } from '../selected-mailbox.ts';
import type { Session } from '../session.ts';
import { completed, statuses, type Status } from '../status.ts';

export const fetchCommand = command('FETCH', 'sequence');
export const uidFetchCommand = command('UID FETCH', 'uid');

function command(name: string, numbering: Numbering): Command {
  return {
    name,
    rfcs: [numbering === 'uid' ? 'RFC 3501 section 6.4.8' : 'RFC 3501 section 6.4.5'],
    states: selectedOnly,
    tells: numbering === 'uid' ? 'everything' : 'noExpunge',
    run(session, args) {
      const request = fetchArguments(args, session);
      if (request === undefined) return badArguments(name, args);
      return fetch(session, { name, numbering, ...request });
    },
  };
}

interface FetchRequest extends FetchArguments {
  readonly name: string;
  readonly numbering: Numbering;
}

async function fetch(session: Session, request: FetchRequest): Promise<Outcome> {
  const { selected } = session;
  const { numbering, restrictions } = request;
  const ranges = selected.resolve(request.set, numbering);
  if (ranges === undefined) return done(statuses.noSuchNumber(selected.told.count));
  for (const { asked } of request.items) asked?.(session);
  await selected.catchUp();
  // UID FETCH always tells the uid (RFC 3501 section 6.4.8).
  const addsUid = numbering === 'uid' && !request.items.includes(uidItem);
  const items = addsUid ? [uidItem, ...request.items] : request.items;
  const fetched = await fetchMessages(session, {
    ranges: await matching(selected, { ranges, restrictions }),
    items,
  });
  return done(statusOf(fetched, request));
}

/** A uid that is not there is passed over in silence (RFC 3501 section 6.4.8). */
function statusOf(fetched: Fetched | 'deleted', { name, numbering }: FetchRequest): Status {
  if (fetched === 'deleted') return statuses.noSuchMailbox;
  if (fetched.unreadable > 0) return statuses.unreadable;
  return fetched.expunged > 0 && numbering === 'sequence' ? statuses.expungeIssued : completed(name);
}
