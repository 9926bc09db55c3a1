/**
 * Random walks of three processes over one table that answers badly and has DynamoDB's limits, against a model of plain
 * maps: after each step everything is compared, Feed and sweep run at random moments while time goes on, and at the end
 * everything shown can be read, everything expired is gone, and nothing else is. More walks and longer ones:
 * POSTA_WALKS, POSTA_WALK_STEPS; another seed: POSTA_WALK_SEED.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountMail, OpenMailbox } from '../../../mail/mailbox/mail-store.ts';
import type { MailboxId } from '../../../mail/mailbox/types.ts';
import { AmbiguousTable, dynamoDbLimits } from '../../contracts/ambiguous-table.ts';
import type { FaultRates } from '../../contracts/ambiguous-table.ts';
import { AccountModel } from './account-model.ts';
import { seededInteger, seededRandom } from './mail-kit.ts';
import {
  checkFolders,
  checkMessages,
  checkNothingElse,
  checkRecords,
  checkUsage,
  LongSession,
} from './model-check.ts';
import { pick, takeStep } from './model-steps.ts';
import type { Walk } from './model-steps.ts';
import { dayMs, expireEntries, retentionDays, startMs, sweepKit } from './sweep-kit.ts';
import type { OpenKitStore, SweepKit } from './sweep-kit.ts';

/** How much is walked where the environment does not say it, and on which store. */
export interface PropertyWalk {
  readonly walks: number;
  readonly stepsAWalk: number;
  readonly openStore: OpenKitStore;
}

/** Seldom enough that twelve in a row, which is a failed commit, do not come. */
const rates: FaultRates = {
  committedThenUnknown: 0.07,
  unknownThenCommitted: 0.07,
  unknownOnly: 0.04,
  conflict: 0.06,
  throttled: 0.04,
};

/** What a walk needs beside its steps. */
interface Course extends Walk {
  readonly table: AmbiguousTable;
  /** By mailbox and process. */
  readonly sessions: Map<string, LongSession>;
  seed: number;
}

async function openIn(mail: AccountMail, mailbox: MailboxId): Promise<OpenMailbox | undefined> {
  const open = await mail.open(mailbox);
  return open.kind === 'open' ? open : undefined;
}

/** Of a process that has just begun: it has nothing in memory. */
function freshMail({ kit, seed }: Course): AccountMail {
  return kit.another({ seed }).account(kit.account);
}

async function compare(course: Course): Promise<void> {
  const { kit, model, lastRev } = course;
  const fresh = freshMail(course);
  await checkFolders(pick(course, course.processes), model);
  await checkFolders(fresh, model);
  course.lastRev = await checkUsage(pick(course, course.processes), model, lastRev);
  for (const mailbox of model.live) {
    assert.ok(mailbox.id);
    const open = await openIn(fresh, mailbox.id);
    assert.ok(open);
    await checkRecords(kit, { open, mailbox, revBefore: lastRev });
    open.close();
  }
  await checkMessages(kit, model);
  await followSessions(course);
}

async function followSessions(course: Course): Promise<void> {
  for (const [name, session] of course.sessions) {
    const fresh = () => openIn(freshMail(course), session.open.mailbox);
    if (await session.follow(fresh)) continue;
    session.open.close();
    course.sessions.delete(name);
  }
}

/** A few mailboxes stay open in each process; now and then another. */
async function openMore(course: Course): Promise<void> {
  if (course.sessions.size >= 6) return;
  const at = course.integer(course.processes.length);
  const mail = course.processes[at];
  const mailbox = pick(course, course.model.live).id;
  const name = `${at} ${mailbox}`;
  if (mail === undefined || mailbox === undefined || course.sessions.has(name)) return;
  const open = await openIn(mail, mailbox);
  assert.ok(open);
  course.sessions.set(name, new LongSession(open));
}

async function runFeed({ kit, model, table }: Course): Promise<void> {
  await kit.runFeed(table);
  model.feed();
}

async function turnClock({ kit, model, table }: Course, days: number): Promise<void> {
  // What is still on its way arrives within minutes, not days.
  await table.settle();
  kit.clock.nowMs += days * dayMs;
  model.nowMs = kit.clock.nowMs;
}

async function sweep({ kit, model, table }: Course): Promise<void> {
  const { failed } = await kit.sweep({ table });
  assert.equal(failed, 0);
  model.sweep();
}

async function takeOneStep(course: Course): Promise<string> {
  switch (course.integer(12)) {
    case 0:
      await runFeed(course);
      return 'feed';
    case 1:
      await turnClock(course, course.integer(25));
      await sweep(course);
      return 'sweep';
    case 2:
      await openMore(course);
      return 'open';
    default:
      return takeStep(course);
  }
}

function begin(kit: SweepKit, seed: number): Course {
  const random = seededRandom(seed);
  const integer = seededInteger(random);
  const table = new AmbiguousTable({
    table: kit.table,
    random: () => integer(1_000_000) / 1_000_000,
    rates,
    limits: dynamoDbLimits,
  });
  const processes = [1, 2, 3].map((each) => {
    return kit.another({ table, seed: seed * 10 + each }).account(kit.account);
  });
  const model = new AccountModel({ nowMs: startMs, retentionMs: retentionDays * dayMs });
  return {
    kit,
    model,
    integer,
    processes,
    table,
    sessions: new Map(),
    seed: seed * 1000,
    made: 0,
    lastRev: 0,
  };
}

/** Everything that is shown stays; a month later nothing remains of the rest. */
async function end(course: Course): Promise<void> {
  const { kit } = course;
  await course.table.settle();
  for (let month = 0; month < 3; month++) {
    await runFeed(course);
    await course.table.settle();
    await sweep(course);
    await compare(course);
    await turnClock(course, 31);
  }
  await sweep(course);
  await course.table.settle();
  await sweep(course);
  await compare(course);
  await checkNothingElse(kit, course.model);
  assert.deepEqual(await expireEntries(kit, 60 + (kit.clock.nowMs - startMs) / dayMs), []);
  for (const { open } of course.sessions.values()) open.close();
}

/** Defines a test for each walk. */
export function propertyWalks(given: PropertyWalk): void {
  const walks = Number(process.env['POSTA_WALKS'] ?? given.walks);
  const firstSeed = Number(process.env['POSTA_WALK_SEED'] ?? 1);
  const stepsAWalk = Number(process.env['POSTA_WALK_STEPS'] ?? given.stepsAWalk);
  for (let seed = firstSeed; seed < firstSeed + walks; seed++)
    test(`three processes and a model agree after every step of walk ${seed}`, () =>
      takeWalk(seed, { stepsAWalk, openStore: given.openStore }));
}

async function takeWalk(
  seed: number,
  { stepsAWalk, openStore }: Pick<PropertyWalk, 'stepsAWalk' | 'openStore'>,
): Promise<void> {
  await using kit = await sweepKit({ openStore });
  const course = begin(kit, seed);
  await compare(course);
  let name = 'the start';
  let step = 0;
  try {
    for (step = 1; step <= stepsAWalk; step++) {
      name = await takeOneStep(course);
      await compare(course);
    }
    await end(course);
  } catch (fault) {
    throw new Error(`walk ${seed}, step ${step}, after ${name}`, { cause: fault });
  }
  assert.ok(course.table.faults > 0);
}
