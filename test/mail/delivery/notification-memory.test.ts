/** A message of 50 MB goes back to its sender whole, and next to nothing of it is ever held. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FailingBlobs } from '../../contracts/failing-blobs.ts';
import { NotifyKit, report } from './notify-kit.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const messageBytes = 50 * 1024 * 1024;
const chunk = Buffer.from(`${'Grüße aus dem Speicher. '.repeat(3)}\r\n`.repeat(800));
/** What waits for a slow disk is held too. */
const maxHeldBytes = 8 * 1024 * 1024;
const writesBetweenLooks = 100;

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('50 MB with RET=FULL are copied in a few MB', async () => {
  await using kit = await NotifyKit.open();
  kit.maxReturnedBytes = 2 * messageBytes;
  const upload = kit.opened.blobs.begin();
  await upload.write(Buffer.from('Subject: large\r\n\r\n'));
  while (upload.size < messageBytes) await upload.write(Buffer.from(chunk));
  const { size } = await upload.finish({ key: 'large' });

  const before = heldBytes();
  let writes = 0;
  let most = 0;
  // It fails at nothing: it is asked before each write.
  const blobs = new FailingBlobs(kit.opened.blobs, (step) => {
    if (step === 'write') writes += 1;
    if (step === 'write' && writes % writesBetweenLooks === 0) most = Math.max(most, heldBytes() - before);
    return undefined;
  });
  await kit.tell([report()], { blobKey: 'large', returnPathBytes: 0, ret: 'FULL' }, blobs);
  assert.ok(writes > 5 * writesBetweenLooks, `${writes} writes`);
  assert.ok(most < maxHeldBytes, `${Math.round(most / 1024)} KB held`);
  const [sent] = kit.here;
  assert.ok((sent?.sizeBytes ?? 0) > size);
});
