import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlobMissing } from '../../../../mail/ports/blobs.ts';
import { keysOf, put } from '../../../contracts/blobs-use.ts';
import { InterceptedS3, refusal, xmlAnswer } from './intercepted-s3.ts';
import type { Intercept, Intercepted } from './intercepted-s3.ts';
import { temporaryBucket } from './temporary-bucket.ts';

async function stored(keys: readonly string[], intercept: Intercept) {
  const s3 = new InterceptedS3(intercept);
  const under = await temporaryBucket({ requestHandler: s3 });
  for (const key of keys) await put(under.blobs, key, { body: Buffer.from(key) });
  return { ...under, s3 };
}

const asked = ({ body }: Pick<Intercepted, 'body'>) =>
  [...String(body).matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);

/** All but these are deleted. */
function failing(keys: readonly string[], code: string) {
  const errors = keys.map(
    (key) => `<Error><Key>${key}</Key><Code>${code}</Code><Message>so it was told</Message></Error>`,
  );
  return xmlAnswer(200, `<DeleteResult>${errors.join('')}</DeleteResult>`);
}

test('keys that S3 fails to delete are tried again, and only those', async () => {
  await using under = await stored(['a', 'b', 'c'], ({ operation, before, pass }) =>
    operation === 'delete' && before === 0 ? pass().then(() => failing(['b'], 'InternalError')) : undefined,
  );
  await under.blobs.delete(['a', 'b', 'c']);
  const deletes = under.s3.seen.filter(({ operation }) => operation === 'delete').map(asked);
  assert.deepEqual(deletes, [['a', 'b', 'c'], ['b']]);
  assert.deepEqual(await keysOf(under.blobs, ''), []);
});

test('keys that cannot be deleted are named, and do not keep the others', async () => {
  const first = Array.from({ length: 1000 }, (_, at) => `first-${at}`);
  await using under = await stored(['kept', 'last'], (request) =>
    request.operation === 'delete' && asked(request).includes('kept')
      ? Promise.resolve(failing(['kept'], 'AccessDenied'))
      : undefined,
  );
  await assert.rejects(
    under.blobs.delete(['kept', ...first, 'last']),
    /S3 did not delete 1 of 1002 blobs: kept \(AccessDenied: so it was told\)/,
  );
  assert.deepEqual(await keysOf(under.blobs, ''), ['kept']);
});

test('a key that S3 calls missing is deleted', async () => {
  await using under = await stored([], ({ operation }) =>
    operation === 'delete' ? Promise.resolve(failing(['gone'], 'NoSuchKey')) : undefined,
  );
  await under.blobs.delete(['gone']);
});

test('keys of any characters are deleted and copied', async () => {
  const keys = ['a b+%25/ü€😀~', 'line\nbreak', '<&>"', "it's(*)!"];
  await using under = await stored(keys, () => undefined);
  for (const key of keys) await under.blobs.copy(key, `${key}, copied`);
  await under.blobs.delete(keys);
  assert.deepEqual(
    (await keysOf(under.blobs, '')).toSorted(),
    keys.map((key) => `${key}, copied`).toSorted(),
  );
  await under.blobs.delete(keys.map((key) => `${key}, copied`));
  assert.deepEqual(await keysOf(under.blobs, ''), []);
});

test('a copy that fails at first is repeated, also where S3 fails behind a 200', async () => {
  await using under = await stored(['from'], ({ operation, before }) => {
    if (operation !== 'copy' || before > 2) return undefined;
    const error = '<Error><Code>InternalError</Code><Message>so it was told</Message></Error>';
    return before === 0 ? Promise.resolve(xmlAnswer(200, error)) : refusal(409, 'OperationAborted');
  });
  await under.blobs.copy('from', 'to');
  assert.deepEqual(await keysOf(under.blobs, ''), ['from', 'to']);
});

test('a copy onto itself changes nothing', async () => {
  await using under = await stored(['same'], () => undefined);
  const before = await under.blobs.head('same');
  await under.blobs.copy('same', 'same');
  assert.deepEqual(await under.blobs.head('same'), before);
  await assert.rejects(under.blobs.copy('none', 'none'), BlobMissing);
});

test('a bucket that is not there is no missing blob', async () => {
  await using under = await stored([], ({ operation }) =>
    operation === 'get' ? refusal(404, 'NoSuchBucket') : undefined,
  );
  const chunks = under.blobs.read('key')[Symbol.asyncIterator]();
  await assert.rejects(chunks.next(), /S3 did not give key: NoSuchBucket/);
});
