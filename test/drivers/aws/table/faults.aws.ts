/** The table behind a network that loses and delays what is sent: nothing is lost, nothing is doubled. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { tableClient } from '../../../../drivers/aws/table/client.ts';
import { DynamoTable } from '../../../../drivers/aws/table/table.ts';
import { systemFlags } from '../../../../mail/mailbox/flags.ts';
import type { Write } from '../../../../mail/ports/table.ts';
import { seededRandom } from '../../../seeded-random.ts';
import {
  contentsOf,
  deliverMany,
  idsIn,
  mailboxNamed,
  mailKit,
  numbered,
  quickClock,
  uidOf,
} from '../../../mail/mailbox/mail-kit.ts';
import { LossyService, type ServiceFault } from './lossy-service.ts';
import { withOwnTokens } from './own-tokens.ts';
import { temporaryDynamoTable } from './temporary-table.ts';

const key = { pk: 'a', sk: 'one' };
const put: Write = { kind: 'put', item: { ...key, text: 'x' }, condition: { kind: 'absent' } };
const other: Write = { kind: 'put', item: { pk: 'a', sk: 'other' } };

/** The same table by a client whose requests may fail. */
function behindLossyService(tableName: string, context: TestContext) {
  const service = new LossyService();
  const client = tableClient({ requestHandler: service });
  context.after(() => client.destroy());
  const table = withOwnTokens(new DynamoTable({ client, tableName, clock: quickClock() }), tableName);
  return { service, table };
}

async function lossyTable(context: TestContext) {
  const temporary = await temporaryDynamoTable();
  context.after(() => temporary[Symbol.asyncDispose]());
  return { ...behindLossyService(temporary.tableName, context), raw: temporary.table };
}

/** The fault meets one request. */
function once(service: LossyService, fault: ServiceFault): void {
  let met = false;
  service.faultFor = () => {
    if (met) return undefined;
    met = true;
    return fault;
  };
}

for (const fault of ['answerLost', 'failed'] as const)
  test(`a put that took place though its answer was ${fault} is unknown, never a failed condition`, async (context) => {
    const { service, table, raw } = await lossyTable(context);
    once(service, fault);
    assert.deepEqual(await table.commit([put]), { kind: 'unknown' });
    assert.equal((await raw.get(key))?.['text'], 'x');
    assert.equal(service.requests, 1);
  });

for (const fault of ['answerLost', 'requestLost', 'late', 'failed', 'throttled'] as const)
  test(`a transaction that met ${fault} counts once when it is sent again`, async (context) => {
    const { service, table, raw } = await lossyTable(context);
    once(service, fault);
    const first = await table.commit([put, other], { token: 'token' });
    assert.deepEqual(first, { kind: fault === 'throttled' ? 'throttled' : 'unknown' });
    assert.deepEqual(await table.commit([put, other], { token: 'token' }), { kind: 'committed' });
    await raw.commit([{ kind: 'put', item: { ...key, text: 'newer' } }]);
    await service.settle();
    assert.equal((await raw.get(key))?.['text'], 'newer');
  });

test('a commit of as many bytes as the limits allow takes place', async (context) => {
  const { table } = await lossyTable(context);
  const { maxBytes } = table.limits;
  const count = 12;
  const bytes = new Uint8Array(Math.floor(maxBytes / count) - 200);
  const writes = Array.from({ length: count }, (_, number): Write => {
    return { kind: 'put', item: { pk: 'large', sk: String(number), bytes } };
  });
  assert.deepEqual(await table.commit(writes, { token: 'token' }), { kind: 'committed' });
});

/** Seldom enough that a commit does not meet twelve in a row, nor a read eight. */
function randomFaults(seed: number): () => ServiceFault | undefined {
  const random = seededRandom(seed);
  const faults: readonly ServiceFault[] = ['answerLost', 'requestLost', 'late', 'failed', 'throttled'];
  return () => (random() < 0.25 ? faults[Math.floor(random() * faults.length)] : undefined);
}

for (const seed of [1, 2, 3])
  test(`two processes whose every request may fail deliver, flag and move each message once (seed ${seed})`, async (context) => {
    const temporary = await temporaryDynamoTable();
    await using kit = await mailKit({ openTable: () => Promise.resolve(temporary) });
    const ids = [numbered('one', 12), numbered('two', 12)];
    const services: LossyService[] = [];
    await Promise.all(
      ids.map(async (mine, number) => {
        const { service, table } = behindLossyService(temporary.tableName, context);
        services.push(service);
        service.faultFor = randomFaults(seed * 10 + number);
        const mail = kit.another({ table, seed: seed * 10 + number }).account(kit.account);
        for (const id of mine) await deliverMany(mail, [id]);
        await mail.storeFlags({
          mailbox: kit.inbox,
          uids: [uidOf(1), uidOf(2)],
          action: 'add',
          flags: { system: systemFlags.seen, keywords: [`of${number}`] },
        });
      }),
    );
    const archive = await mailboxNamed(kit.mail, 'Archive');
    const { service: last, table } = behindLossyService(temporary.tableName, context);
    last.faultFor = randomFaults(seed);
    const mail = kit.another({ table, seed: seed * 10 + 5 }).account(kit.account);
    const moved = await mail.move({ from: kit.inbox, to: archive, uids: [uidOf(3), uidOf(4)] });
    assert.equal(moved.kind, 'copied');
    for (const service of services) await service.settle();
    const all = [...(await idsIn(kit.mail, kit.inbox)), ...(await idsIn(kit.mail, archive))];
    assert.equal(all.length, 24);
    assert.deepEqual(new Set(all), new Set(ids.flat()));
    const [first] = await contentsOf(kit.mail, kit.inbox);
    assert.deepEqual(first?.keywords, ['of0', 'of1']);
    assert.ok(services.every(({ faults }) => faults > 5));
  });
