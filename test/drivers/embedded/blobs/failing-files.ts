/** Segment files on a disk that is full or broken when a test says so. */
import type { SegmentFiles, SegmentWriter } from '../../../../drivers/embedded/blobs/segment-files.ts';

export interface FailingFiles extends SegmentFiles {
  /** What fails from now on, and how; undefined: nothing. A `write` leaves half of its bytes behind. */
  fail: { readonly step: 'create' | 'write' | 'flush'; readonly code: 'ENOSPC' | 'EIO' } | undefined;
}

export function failingFiles(files: SegmentFiles): FailingFiles {
  const failing: FailingFiles = {
    ...files,
    fail: undefined,
    create: async (id) => {
      failIf('create');
      return wrap(await files.create(id));
    },
  };
  const failIf = (step: 'create' | 'write' | 'flush') => {
    if (failing.fail?.step === step)
      throw Object.assign(new Error(`${failing.fail.code}: injected`), { code: failing.fail.code });
  };
  const wrap = (writer: SegmentWriter): SegmentWriter => ({
    write: async (parts, position) => {
      const half = Buffer.concat(parts);
      if (failing.fail?.step === 'write') await writer.write([half.subarray(0, half.length / 2)], position);
      failIf('write');
      await writer.write(parts, position);
    },
    flush: async () => {
      failIf('flush');
      await writer.flush();
    },
    truncate: (bytes) => writer.truncate(bytes),
    close: () => writer.close(),
  });
  return failing;
}
