import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAccount, removeAccount } from '../../../mail/directory/change-account.ts';
import { addAlias, removeAlias } from '../../../mail/directory/change-alias.ts';
import { AmbiguousTable, dynamoDbLimits } from '../../contracts/ambiguous-table.ts';
import { seededRandom } from '../../seeded-random.ts';
import { account, directoryKit, everything } from './directory-kit.ts';

const rounds = Number(process.env['POSTA_TEST_ROUNDS'] ?? 6);

test('on a table that loses answers, writers at once leave every address whole and of one owner', async () => {
  let faults = 0;
  for (let seed = 1; seed <= rounds; seed++) {
    await using kit = await directoryKit('example.test');
    await account(kit, 'root@example.test');
    const random = seededRandom(seed);
    const tables = [1, 2, 3].map(
      () => new AmbiguousTable({ table: kit.raw, random, limits: dynamoDbLimits }),
    );
    const writers = tables.map((table, at) => kit.another(seed * 10 + at, table));
    const addresses = ['a@example.test', 'b@example.test', 'c@example.test'];
    const kinds = await Promise.all(
      writers.flatMap((ports, at) =>
        addresses.map(async (address) => {
          const added =
            at === 2
              ? await addAlias(ports, { address, targets: ['root@example.test'] })
              : await addAccount(ports, { address });
          return { address, kind: added.kind };
        }),
      ),
    );
    for (const table of tables) await table.settle();
    for (const address of addresses) {
      const won = kinds.filter((each) => each.address === address && each.kind === 'done');
      assert.equal(won.length, 1, `seed ${seed}: ${address}`);
      const [entry] = await kit.directory.findAddresses([address]);
      if (entry?.kind === 'account') {
        assert.equal((await kit.directory.findAccount(entry.accountId))?.address, address);
        assert.equal((await kit.ports.mail.account(entry.accountId).usage()).kind, 'usage');
      } else assert.equal(entry?.kind, 'alias');
      const remove = entry.kind === 'account' ? removeAccount : removeAlias;
      const removals = await Promise.all(writers.map((ports) => remove(ports, address)));
      assert.ok(removals.some(({ kind }) => kind === 'done'));
    }
    for (const table of tables) {
      await table.settle();
      faults += table.faults;
    }
    const left = await everything(kit.raw, [
      'domain#example.test',
      ...addresses.map((each) => `address#${each}`),
    ]);
    assert.equal(left.length, 3, `seed ${seed}: ${left.join(', ')}`);
  }
  assert.ok(faults > 10);
});
