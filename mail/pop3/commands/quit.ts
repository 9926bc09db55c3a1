/**
 * QUIT (RFC 1939 sections 4 and 6). After login it is the UPDATE state: `+OK` means that what was marked is deleted,
 * durably, and the maildrop free for the next session. No other end of a session deletes anything.
 */
import { answer, everyState, type Command } from '../command.ts';
import { replies, type Reply } from '../reply.ts';
import type { Session } from '../session.ts';

export const quitCommand: Command = {
  verb: 'QUIT',
  rfcs: ['RFC 1939 sections 4 and 6'],
  states: everyState,
  async run(session, argument) {
    if (argument.trim() !== '') return answer(replies.badArguments('QUIT takes none'));
    const reply = await update(session);
    await session.releaseMaildrop();
    return { kind: 'end', reply };
  },
};

async function update(session: Session): Promise<Reply> {
  try {
    const updated = await session.maildrop?.update();
    if (updated?.end === 'some') return replies.notAllRemoved;
    session.counts.deleted = updated?.marked ?? 0;
    return replies.bye;
  } catch (error) {
    session.fault(error, 'UPDATE');
    return replies.notAllRemoved;
  }
}
