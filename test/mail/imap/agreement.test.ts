/**
 * Random walks of two or three sessions that change one account, in one process and in two, while mail is delivered and
 * wake-ups are lost: whatever each client is told it can believe, and after NOOP all of them agree with the mail store.
 * More walks and longer ones: POSTA_WALKS, POSTA_WALK_STEPS; another seed: POSTA_WALK_SEED.
 */
import { after, test } from 'node:test';
import { temporaryTable } from '../mailbox/mail-kit.ts';
import { anyCommand, enoughMessages, noop, select } from './agreement-steps.ts';
import { Walk, type Walker } from './agreement-walk.ts';

const walks = Number(process.env['POSTA_WALKS'] ?? 6);
const stepsAWalk = Number(process.env['POSTA_WALK_STEPS'] ?? 80);
/** Lines that the message of a failure shows. */
const diaryLines = Number(process.env['POSTA_WALK_DIARY'] ?? 60);
const firstSeed = Number(process.env['POSTA_WALK_SEED'] ?? 1);

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

const free = (walk: Walk) => walk.walkers.filter(({ idling }) => idling === undefined);
const idle = (walk: Walk) => walk.walkers.filter(({ idling }) => idling !== undefined);

async function deliver(walk: Walk): Promise<void> {
  if ((await walk.truth('INBOX')).messages.size > enoughMessages) return;
  const flags = walk.chance(0.3) ? ['\\Flagged'] : [];
  walk.diary.push(`delivery ${flags.join('')}`);
  await walk.server.deliver(Buffer.from('Subject: mail\r\n\r\nText\r\n'), { flags });
}

/** Another process takes a message out of INBOX, whatever its flags are (POP3). */
async function takeOut(walk: Walk): Promise<void> {
  const { messages } = await walk.truth('INBOX');
  if (messages.size === 0) return;
  const uid = walk.pick([...messages.keys()]);
  walk.diary.push(`uid ${uid} is taken out`);
  await walk.server.direct('expunge', String(uid));
}

async function loseWakeUps(walk: Walk): Promise<void> {
  const lost = !walk.server.wake.lost;
  walk.diary.push(`wake-ups are ${lost ? 'lost' : 'heard'}`);
  walk.server.wake.lost = lost;
  if (!lost) return;
  for (const walker of walk.walkers) walker.missed = true;
  for (const walker of idle(walk)) walker.deaf = true;
}

/** Within a minute those in IDLE hear of everything, also where wake-ups were lost. */
async function passMinute(walk: Walk): Promise<void> {
  walk.diary.push('a minute passes');
  await walk.server.direct('pass', '60');
  await walk.listenToIdle();
  for (const walker of idle(walk)) await walk.compare(walker);
}

async function comeAgain(walk: Walk, walker: Walker): Promise<void> {
  await walk.breakOff(await anyCommand(walk, walker));
  await walk.run(await select(walk, { walker, verb: 'SELECT' }));
}

async function takeStep(walk: Walk): Promise<void> {
  const [someone] = free(walk);
  switch (walk.integer(16)) {
    case 0:
    case 1:
      await deliver(walk);
      return walk.listenToIdle();
    case 2:
      await takeOut(walk);
      return walk.listenToIdle();
    case 3:
      return loseWakeUps(walk);
    case 4:
      return passMinute(walk);
    case 5:
      if (free(walk).length > 1) await walk.beginIdle(walk.pick(free(walk)));
      return;
    case 6:
      for (const walker of idle(walk)) await walk.endIdleAfterCheck(walker);
      return;
    case 7:
    case 8:
    case 9: {
      // All at once, and a message comes.
      const prepared = [];
      for (const walker of free(walk)) prepared.push(await anyCommand(walk, walker));
      const delivered = walk.chance(0.5) ? deliver(walk) : undefined;
      await walk.runTogether(prepared);
      await delivered;
      return walk.listenToIdle();
    }
    case 10:
      return checkAll(walk);
    case 11:
      if (someone !== undefined) await comeAgain(walk, someone);
      return walk.listenToIdle();
    default:
      if (someone !== undefined) await walk.run(await anyCommand(walk, walk.pick(free(walk))));
  }
}

async function checkAll(walk: Walk): Promise<void> {
  for (const walker of idle(walk)) await walk.endIdleAfterCheck(walker);
  for (const walker of walk.walkers) await noopAndCompare(walk, walker);
}

async function noopAndCompare(walk: Walk, walker: Walker): Promise<void> {
  await walk.run(await noop(walk, walker));
  await walk.compare(walker);
}

for (let seed = firstSeed; seed < firstSeed + walks; seed++)
  test(`all sessions agree with each other and with the mail store on walk ${seed}`, async () => {
    const walk = await Walk.open(table, seed);
    let step = 0;
    try {
      for (let count = 2 + (seed % 2), each = 0; each < count; each++) {
        await walk.addWalker(seed % 3 === 0 ? 1 : 1 + (each % 2));
        for (let messages = walk.integer(4); messages > 0; messages--) await deliver(walk);
        const [walker] = walk.walkers.slice(-1);
        if (walker !== undefined) await walk.run(await select(walk, { walker, verb: 'SELECT' }));
      }
      for (step = 1; step <= stepsAWalk; step++) await takeStep(walk);
      await checkAll(walk);
    } catch (fault) {
      const recently = walk.diary.slice(-diaryLines).join('\n');
      throw new Error(`walk ${seed}, step ${step}:\n${recently}`, { cause: fault });
    }
    await walk.close();
  });
