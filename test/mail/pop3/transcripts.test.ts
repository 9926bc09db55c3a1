import { join } from 'node:path';
import { playTranscripts } from '../../transcripts/runner.ts';
import { Pop3Server } from './pop3-server.ts';

playTranscripts({
  folder: join(import.meta.dirname, '../../transcripts/pop3'),
  open: () => new Pop3Server(),
});
