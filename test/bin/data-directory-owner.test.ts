/** A data directory of another user is left alone. */
import assert from 'node:assert/strict';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { refuseOtherOwner } from '../../bin/data-directory-owner.ts';

test(
  'root is told whose data directory it is, before anything is written there',
  { skip: process.getuid?.() === 0 ? false : 'only root can give a file away' },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'posta-owner-'));
    try {
      refuseOtherOwner(folder);
      await mkdir(join(folder, 'table'));
      await writeFile(join(folder, 'table/data.mdb'), '');
      refuseOtherOwner(folder);
      await chown(join(folder, 'table/data.mdb'), 12345, 12345);
      assert.throws(
        () => refuseOtherOwner(folder),
        /belongs to the user with id 12345\. Run this as that user/,
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
