/** The contract of Blobs: every driver passes it whole. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { BlobMissing } from '../../mail/ports/blobs.ts';
import type { Blobs } from '../../mail/ports/blobs.ts';
import { bytesOf, keysOf, put } from './blobs-use.ts';
import { seededBytes } from './seeded-bytes.ts';

export interface BlobsUnderTest extends AsyncDisposable {
  /** Empty at first. */
  readonly blobs: Blobs;
}

const kb = 1024;
const around = (size: number) => [size - 1, size, size + 1];
const sizes = [0, 1, ...[64, 128, 256].flatMap((size) => around(size * kb)), 5 * kb * kb];
const prefix = Buffer.from('Received: from pepe.example\r\n\tby paco.example; today\r\n');

/** Registers the suite for a driver; `open` gives each test blobs of its own. */
export function blobsContract(driver: string, open: () => Promise<BlobsUnderTest>): void {
  const check: Check = (name, body) => {
    test(name, async () => {
      await using under = await open();
      await body(under.blobs);
    });
  };
  suite(`Blobs: ${driver}`, () => {
    writing(check);
    reading(check);
    removing(check);
    copying(check);
    listing(check);
  });
}

type Check = (name: string, body: (blobs: Blobs) => Promise<void>) => void;

function writing(check: Check): void {
  check('bytes of every size come back the same, with and without a prefix', async (blobs) => {
    for (const size of sizes)
      for (const before of [undefined, prefix]) {
        const body = seededBytes(`${size}`, size);
        const info = await put(blobs, 'key', { body, ...(before && { prefix: before }) });
        const whole = Buffer.concat([before ?? Buffer.alloc(0), body]);
        assert.equal(info.size, whole.length);
        assert.equal(info.key, 'key');
        assert.ok((await bytesOf(blobs, 'key')).equals(whole), `${size} bytes`);
        const { createdAt: _, ...stored } = (await blobs.head('key')) ?? assert.fail('it is not there');
        assert.deepEqual(info, stored);
      }
  });

  check('chunks of any size make the same blob', async (blobs) => {
    const body = seededBytes('chunks', 300 * kb);
    for (const chunkBytes of [7, 4095, 4096, 100_000, 300 * kb]) {
      await put(blobs, 'key', { body, chunkBytes });
      assert.ok((await bytesOf(blobs, 'key')).equals(body), `chunks of ${chunkBytes}`);
    }
  });

  check('size counts what was written', async (blobs) => {
    const upload = blobs.begin();
    assert.equal(upload.size, 0);
    await upload.write(Buffer.from('one'));
    await upload.write(new Uint8Array());
    await upload.write(seededBytes('size', 300_000));
    assert.equal(upload.size, 300_003);
    await upload.abort();
  });

  check('what goes alongside has been done when finish resolves, and then both are there', async (blobs) => {
    for (const size of [10, 600 * kb]) {
      const upload = blobs.begin();
      await upload.write(seededBytes('alongside', size));
      let done = 0;
      const info = await upload.finish({
        key: 'key',
        prefix,
        alongside: async (told) => {
          await setImmediate();
          assert.deepEqual([told.key, told.size], ['key', prefix.length + size]);
          done += 1;
        },
      });
      assert.equal(done, 1);
      const { createdAt: _, ...stored } = (await blobs.head('key')) ?? assert.fail('it is not there');
      assert.deepEqual(info, stored);
    }
  });

  check('finish rejects when what goes alongside fails', async (blobs) => {
    for (const size of [10, 600 * kb]) {
      const upload = blobs.begin();
      await upload.write(seededBytes('alongside', size));
      const alongside = () => Promise.reject(new Error('the other half failed'));
      await assert.rejects(upload.finish({ key: 'key', alongside }), /the other half failed/);
      await upload.abort();
    }
  });

  check('nothing is seen of a blob before it is finished', async (blobs) => {
    for (const size of [10, 600 * kb]) {
      const upload = blobs.begin();
      await upload.write(seededBytes('hidden', size));
      assert.equal(await blobs.head('hidden'), undefined);
      assert.deepEqual(await keysOf(blobs, ''), []);
      await upload.finish({ key: 'hidden' });
      assert.deepEqual(await keysOf(blobs, ''), ['hidden']);
      await blobs.delete(['hidden']);
    }
  });

  check('an aborted upload leaves nothing, and abort is safe at any time', async (blobs) => {
    for (const size of [10, 600 * kb]) {
      const upload = blobs.begin();
      await upload.write(seededBytes('aborted', size));
      await upload.abort();
      await upload.abort();
      await assert.rejects(upload.finish({ key: 'aborted' }));
      await assert.rejects(upload.write(Buffer.from('more')));
    }
    await blobs.begin().abort();
    assert.deepEqual(await keysOf(blobs, ''), []);
    const finished = blobs.begin();
    await finished.finish({ key: 'finished' });
    await finished.abort();
    assert.deepEqual(await keysOf(blobs, ''), ['finished']);
  });

  check('a finished upload takes nothing more', async (blobs) => {
    const upload = blobs.begin();
    await upload.finish({ key: 'once' });
    await assert.rejects(upload.write(Buffer.from('more')));
    await assert.rejects(upload.finish({ key: 'twice' }));
    assert.deepEqual(await keysOf(blobs, ''), ['once']);
  });

  check('a blob is replaced whole', async (blobs) => {
    for (const size of [600 * kb, 3, 0, 300 * kb]) {
      const body = seededBytes(`version ${size}`, size);
      await put(blobs, 'key', { body });
      assert.ok((await bytesOf(blobs, 'key')).equals(body));
      assert.deepEqual(await keysOf(blobs, ''), ['key']);
    }
  });

  check('uploads at the same time do not touch each other', async (blobs) => {
    const keys = Array.from({ length: 40 }, (_, at) => `upload-${at}`);
    const size = (key: string) => (Number(key.slice(7)) % 5) * 90_000 + 17;
    await Promise.all(keys.map((key) => put(blobs, key, { body: seededBytes(key, size(key)), prefix })));
    for (const key of keys) {
      const whole = Buffer.concat([prefix, seededBytes(key, size(key))]);
      assert.ok((await bytesOf(blobs, key)).equals(whole), key);
    }
  });

  check('a key of any characters works, up to 1024 bytes, and none beyond', async (blobs) => {
    const keys = ['a b+%25/ü€😀~', 'k'.repeat(1024), '/', '..', 'line\nbreak'];
    for (const key of keys) await put(blobs, key, { body: Buffer.from(key) });
    for (const key of keys) assert.equal((await bytesOf(blobs, key)).toString(), key);
    await assert.rejects(put(blobs, 'k'.repeat(1025), { body: Buffer.from('x') }));
    await assert.rejects(put(blobs, '', { body: Buffer.from('x') }));
  });
}

function reading(check: Check): void {
  check('ranges are cut at the ends of the blob, and cross from prefix to body', async (blobs) => {
    for (const size of [100, 600 * kb]) {
      const body = seededBytes('ranges', size);
      const whole = Buffer.concat([prefix, body]);
      await put(blobs, 'key', { body, prefix });
      const edges = [
        0,
        1,
        prefix.length - 1,
        prefix.length,
        prefix.length + 1,
        whole.length - 1,
        whole.length,
      ];
      for (const start of [...edges, whole.length + 5])
        for (const end of [...edges, whole.length + 1, Infinity].filter((edge) => edge >= start)) {
          const found = await bytesOf(blobs, 'key', { start, end });
          assert.ok(found.equals(whole.subarray(start, end)), `${start} to ${end} of ${whole.length}`);
        }
    }
  });

  check('chunks have at most 64 KB', async (blobs) => {
    await put(blobs, 'key', { body: seededBytes('chunks', 500_000), prefix });
    for await (const chunk of blobs.read('key')) {
      assert.ok(chunk.length > 0 && chunk.length <= 64 * kb);
    }
  });

  check('a reader may stop, and others go on', async (blobs) => {
    const body = seededBytes('stop', 500_000);
    await put(blobs, 'key', { body });
    const stopping = async () => {
      for await (const chunk of blobs.read('key')) return chunk.length;
      return 0;
    };
    const [first, whole] = await Promise.all([stopping(), bytesOf(blobs, 'key')]);
    assert.ok(first > 0);
    assert.ok(whole.equals(body));
  });

  check('what is not there is a BlobMissing at the first chunk', async (blobs) => {
    const missing = (fault: unknown) => fault instanceof BlobMissing && fault.key === 'nowhere';
    const chunks = blobs.read('nowhere');
    await assert.rejects(chunks[Symbol.asyncIterator]().next(), missing);
    await assert.rejects(bytesOf(blobs, 'nowhere', { start: 0, end: 0 }), missing);
    await assert.rejects(blobs.copy('nowhere', 'somewhere'), missing);
    assert.equal(await blobs.head('nowhere'), undefined);
    assert.deepEqual(await keysOf(blobs, ''), []);
  });

  check(
    'a read that began before a replacement gives one blob or the other, never a mixture',
    async (blobs) => {
      const old = seededBytes('old', 400_000);
      await put(blobs, 'key', { body: old });
      const chunks: Uint8Array[] = [];
      for await (const chunk of blobs.read('key')) {
        if (chunks.length === 0) await put(blobs, 'key', { body: seededBytes('new', 400_000) });
        chunks.push(chunk);
      }
      assert.ok(Buffer.concat(chunks).equals(old));
    },
  );
}

function removing(check: Check): void {
  check('a deleted blob is gone, and deleting what is not there is no error', async (blobs) => {
    for (const key of ['a', 'b', 'c']) await put(blobs, key, { body: seededBytes(key, 300 * kb) });
    await blobs.delete(['a', 'nowhere', 'c', 'a']);
    await blobs.delete([]);
    assert.deepEqual(await keysOf(blobs, ''), ['b']);
    await assert.rejects(bytesOf(blobs, 'a'), BlobMissing);
    assert.ok((await bytesOf(blobs, 'b')).equals(seededBytes('b', 300 * kb)));
  });

  check('more keys than one request takes are deleted', async (blobs) => {
    const keys = Array.from({ length: 1100 }, (_, at) => `many-${at}`);
    for (let at = 0; at < keys.length; at += 100)
      await Promise.all(keys.slice(at, at + 100).map((key) => put(blobs, key, { body: Buffer.from(key) })));
    await blobs.delete(keys.slice(1));
    assert.deepEqual(await keysOf(blobs, ''), ['many-0']);
  });

  check('a deleted key may be used again', async (blobs) => {
    await put(blobs, 'key', { body: Buffer.from('first') });
    await blobs.delete(['key']);
    await put(blobs, 'key', { body: Buffer.from('second') });
    assert.equal((await bytesOf(blobs, 'key')).toString(), 'second');
  });
}

function copying(check: Check): void {
  check('a copy is a blob of its own, whatever becomes of the original', async (blobs) => {
    for (const size of [100, 600 * kb]) {
      const body = seededBytes(`copied ${size}`, size);
      const whole = Buffer.concat([prefix, body]);
      await put(blobs, 'from', { body, prefix });
      await blobs.copy('from', 'to');
      assert.equal((await blobs.head('to'))?.size, whole.length);
      await blobs.copy('to', 'third');
      await put(blobs, 'from', { body: Buffer.from('other') });
      await blobs.delete(['from', 'third']);
      assert.ok((await bytesOf(blobs, 'to')).equals(whole));
      assert.deepEqual(await keysOf(blobs, ''), ['to']);
      await blobs.delete(['to']);
      await assert.rejects(bytesOf(blobs, 'to'), BlobMissing);
    }
  });

  check('a copy replaces what its key held', async (blobs) => {
    await put(blobs, 'from', { body: Buffer.from('new') });
    await put(blobs, 'to', { body: seededBytes('old', 600 * kb) });
    await blobs.copy('from', 'to');
    assert.equal((await bytesOf(blobs, 'to')).toString(), 'new');
    await blobs.copy('from', 'to');
    await blobs.delete(['from']);
    assert.equal((await bytesOf(blobs, 'to')).toString(), 'new');
  });
}

function listing(check: Check): void {
  check('keys are listed in the order of their UTF-8 bytes, under a prefix, page by page', async (blobs) => {
    // The pair orders otherwise by UTF-16 code units.
    const keys = ['m/\u{ff5e}', 'm/\u{1f600}', 'm/', 'm/a', 'm/a/b', 'm/a0', 'n', 'l', 'm', 'm0'];
    for (const key of keys) await put(blobs, key, { body: Buffer.from(key) });
    const order = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));
    const under = keys.filter((key) => key.startsWith('m/')).toSorted(order);
    assert.deepEqual(await keysOf(blobs, ''), keys.toSorted(order));
    assert.deepEqual(await keysOf(blobs, 'm/'), under);
    for (const limit of [1, 2, 5]) assert.deepEqual(await keysOf(blobs, 'm/', limit), under);
    assert.deepEqual(await keysOf(blobs, 'nothing'), []);
    const [info] = (await blobs.list({ prefix: 'n' })).blobs;
    assert.deepEqual(info, await blobs.head('n'));
  });

  check('what changes between pages neither hides nor doubles the rest', async (blobs) => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await put(blobs, key, { body: Buffer.from(key) });
    const first = await blobs.list({ prefix: '', limit: 2 });
    assert.deepEqual(
      first.blobs.map(({ key }) => key),
      ['a', 'b'],
    );
    await blobs.delete(['a', 'b', 'c']);
    await put(blobs, 'aa', { body: Buffer.from('behind') });
    await put(blobs, 'cc', { body: Buffer.from('ahead') });
    const rest = await blobs.list({ prefix: '', after: first.next ?? 'b' });
    assert.deepEqual(
      rest.blobs.map(({ key }) => key),
      ['cc', 'd', 'e'],
    );
  });

  check('after may name a key that is not there, or one before the prefix', async (blobs) => {
    for (const key of ['p/1', 'p/3', 'q']) await put(blobs, key, { body: Buffer.from(key) });
    const keysAfter = async (after: string) =>
      (await blobs.list({ prefix: 'p/', after })).blobs.map(({ key }) => key);
    assert.deepEqual(await keysAfter('p/2'), ['p/3']);
    assert.deepEqual(await keysAfter('a'), ['p/1', 'p/3']);
    assert.deepEqual(await keysAfter('p/3'), []);
    assert.deepEqual(await keysAfter('z'), []);
  });
}
