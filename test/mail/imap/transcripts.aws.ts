/** The transcripts of IMAP on DynamoDB and S3: played whole, each once. */
import { join } from 'node:path';
import { after } from 'node:test';
import { temporaryBucket } from '../../drivers/aws/blobs/temporary-bucket.ts';
import { temporaryDynamoTable } from '../../drivers/aws/table/temporary-table.ts';
import { playTranscripts } from '../../transcripts/runner.ts';
import { ImapServer } from './imap-server.ts';

const opened = new AsyncDisposableStack();
const { table } = opened.use(await temporaryDynamoTable());
const { blobs } = opened.use(await temporaryBucket());
after(() => opened.disposeAsync());

playTranscripts({
  folder: join(import.meta.dirname, '../../transcripts/imap'),
  open: () => ImapServer.open({ table, blobs }),
  // How writes are split is the engine's business alone, and is shown on the embedded driver.
  splits: 'whole',
});
