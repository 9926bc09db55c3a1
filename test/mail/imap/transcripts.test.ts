import { join } from 'node:path';
import { after } from 'node:test';
import { playTranscripts } from '../../transcripts/runner.ts';
import { temporaryTable } from '../mailbox/mail-kit.ts';
import { ImapServer } from './imap-server.ts';

const { table, [Symbol.asyncDispose]: dispose } = await temporaryTable();
after(dispose);

playTranscripts({
  folder: join(import.meta.dirname, '../../transcripts/imap'),
  open: () => ImapServer.open({ table }),
});
