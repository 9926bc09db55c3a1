import { MemoryBlobs, temporaryTable } from '../../mail/mailbox/mail-kit.ts';
import { killedBetweenSteps } from './killed.ts';

killedBetweenSteps(
  'embedded table',
  async () => {
    const opened = await temporaryTable();
    return {
      table: opened.table,
      blobs: new MemoryBlobs(),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    };
  },
  1,
);
