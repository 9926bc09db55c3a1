import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { RootDatabase } from 'lmdb';
import { DataDirectoryFault } from '../../../drivers/embedded/data-directory-faults.ts';
import { GroupCommit } from '../../../drivers/embedded/group-commit.ts';

test('who waits for a disk that does not answer is told so after two minutes', async (context) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const never = new Promise<never>(() => undefined);
  const stuck = { childTransaction: () => never, flushed: never, readerCheck: () => 0 };
  const root = stuck as unknown as RootDatabase<Uint8Array, Uint8Array>;
  const writes = new GroupCommit(root, { directory: 'table', lookForDeadMs: 5000 });
  const end = assert.rejects(
    writes.run(() => undefined),
    DataDirectoryFault,
  );
  mock.timers.tick(120_000);
  await end;
});
