/** The operations on accounts here and there, each as in a process that has not seen it. */
import { randomBytes } from 'node:crypto';
import { createMailStore } from '../../mail/mailbox/create-mail-store.ts';
import { deliverOne } from './deliver-one.ts';
import { addressOf } from './machine.ts';
import { timed, type Timed } from './measured.ts';
import { seeded } from './seeded.ts';
import { Session, type SessionParts } from './session.ts';

const warmUp = 30;
const rounds = 150;
const measured = ['login', 'select-cold', 'select-warm', 'fetch', 'store', 'delivery'] as const;

export async function measureAccounts(
  parts: SessionParts,
  { accounts }: { readonly accounts: number },
): Promise<readonly Timed[]> {
  const pick = seeded(accounts);
  const times = new Map(measured.map((operation) => [operation, [] as number[]]));
  for (let round = 0; round < warmUp + rounds; round++) {
    const found = await measureOne(parts, { address: addressOf(pick(accounts)), round });
    if (round >= warmUp) for (const operation of measured) times.get(operation)?.push(found[operation]);
  }
  return measured.map((operation) => timed(operation, times.get(operation) ?? []));
}

/** Where there are few accounts one comes again: a store of its own has nothing kept of it. */
async function measureOne(
  { machine, watch, authenticator }: SessionParts,
  { address, round }: { readonly address: string; readonly round: number },
): Promise<Readonly<Record<(typeof measured)[number], number>>> {
  const { blobs, wake, clock, log } = machine;
  const { table, epoch } = machine.store;
  const store = createMailStore({ table, blobs, wake, clock, log, epoch, random: randomBytes });
  const session = await Session.begin({ machine, store, watch, authenticator });
  const login = await session.login(address);
  // New mail, so that each SELECT has `\Recent` to claim, and the second none.
  const delivery = await deliverOne(machine, { store, address, number: 2 ** 31 + round });
  const cold = await session.command('SELECT INBOX');
  const fetch = await session.command('FETCH 1:3 (UID FLAGS ENVELOPE INTERNALDATE RFC822.SIZE)');
  // The one that has just come: where it has the flag already nothing is written.
  const flag = await session.command('STORE * +FLAGS (\\Flagged)');
  const warm = await session.command('SELECT INBOX');
  await session.close();
  return { login, 'select-cold': cold, 'select-warm': warm, fetch, store: flag, delivery };
}
