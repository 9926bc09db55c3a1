/** QUIT (RFC 5321 section 4.1.1.10). */
import type { Conversation } from '../conversation.ts';
import { SessionOver } from '../session-over.ts';

/** Says goodbye, waits a little for the answer, and ends the connection. Never rejects: it is over anyway. */
export async function quit(talk: Conversation): Promise<void> {
  try {
    talk.allow(talk.limits.waitMs.quit);
    await talk.ask('QUIT', 'quit');
  } catch (error) {
    if (!(error instanceof SessionOver)) throw error;
  } finally {
    talk.end();
  }
}
