/** The operations on one mailbox, in a process that has not seen it. */
import { Session, type SessionParts } from './session.ts';
import { deliverOne } from './deliver-one.ts';
import { timed, type Timed } from './measured.ts';
import { seeded } from './seeded.ts';

const page = 50;
/** Before the rounds that count: code that has not run yet is slow. */
const warmUp = 20;
const rounds = 100;
const searchRounds = 5;
/** No more rounds of what takes long. */
const enoughMs = 8000;

export interface MailboxAsked {
  readonly address: string;
  readonly messages: number;
  /** Only the first SELECT: it is the first of a process only once. */
  readonly onlyCold: boolean;
}

export async function measureMailbox(
  parts: SessionParts,
  { address, messages, onlyCold }: MailboxAsked,
): Promise<readonly Timed[]> {
  const session = await Session.begin(parts);
  await session.login(address);
  const found: Timed[] = [timed('select-cold', [await session.command('SELECT INBOX')])];
  if (onlyCold) return found;
  const other = await Session.begin(parts);
  await other.login(address);
  found.push(timed('select-warm', await times(() => other.command('SELECT INBOX'))));
  await other.close();

  const pick = seeded(messages);
  const fetch = `FETCH ${messages - page + 1}:${messages} (UID FLAGS ENVELOPE INTERNALDATE RFC822.SIZE)`;
  found.push(timed('fetch', await times(() => session.command(fetch))));
  for (const [operation, key] of [
    ['search-from', 'FROM'],
    ['search-subject', 'SUBJECT'],
  ] as const) {
    const search = () => searchFirst(parts, { address, key });
    found.push(timed(operation, await times(search, { first: 0, counted: searchRounds })));
  }
  const store = () => session.command(`STORE ${pick(messages) + 1} +FLAGS (\\Flagged)`);
  found.push(timed('store', await times(store)));
  found.push(...(await measureComeAndGo(parts, { session, address, messages, pick })));
  const again = async () => {
    await session.command('UNSELECT');
    return session.command('SELECT INBOX');
  };
  return [...found, timed('select-again', await times(again, { first: 2, counted: 20 }))];
}

/** By one that has nothing of earlier searches to go on with. */
async function searchFirst(
  parts: SessionParts,
  { address, key }: { readonly address: string; readonly key: string },
): Promise<number> {
  const session = await Session.begin(parts);
  await session.login(address);
  await session.command('SELECT INBOX');
  const ms = await session.command(`SEARCH ${key} "nobody at all"`);
  await session.close();
  return ms;
}

/** As many come in as are taken out: the mailbox has its size again, and all of it is seen. */
async function measureComeAndGo(
  parts: SessionParts,
  {
    session,
    address,
    messages,
    pick,
  }: {
    readonly session: Session;
    readonly address: string;
    readonly messages: number;
    readonly pick: (below: number) => number;
  },
): Promise<readonly Timed[]> {
  const { machine, store } = parts;
  const heard: number[] = [];
  const deliver = async (number: number) => {
    const ms = await deliverOne(machine, { store, address, number: 2 ** 31 + number });
    heard.push(await session.command('NOOP'));
    return ms;
  };
  const delivered = timed('delivery', await times(deliver));
  const hear = timed('hear', heard.slice(warmUp));
  await session.command(`STORE ${messages + 1}:* +FLAGS.SILENT (\\Seen)`);
  const expunge = async () => {
    await session.command(`STORE ${pick(messages) + 1} +FLAGS.SILENT (\\Deleted)`);
    return session.command('EXPUNGE');
  };
  return [delivered, hear, timed('expunge', await times(expunge))];
}

/** Milliseconds of each round but the first ones. */
async function times(
  run: (round: number) => Promise<number>,
  { first = warmUp, counted = rounds } = {},
): Promise<readonly number[]> {
  const all: number[] = [];
  const begin = performance.now();
  for (let round = 0; round < first + counted; round++) {
    all.push(await run(round));
    if (first === 0 && performance.now() - begin > enoughMs) break;
  }
  return all.slice(first);
}
