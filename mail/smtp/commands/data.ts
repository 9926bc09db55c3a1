/** DATA (RFC 5321 section 4.1.1.4): the message, up to CRLF.CRLF. */
import { DotUnstuffer } from '../../wire/dot-stuffing.ts';
import { answer, type Command, type OctetReceiver } from '../command.ts';
import { MessageSink } from '../message-sink.ts';
import { replies } from '../reply.ts';
import { beginMessage } from './begin-message.ts';

export const dataCommand: Command = {
  verb: 'DATA',
  syntax: 'DATA',
  purpose: 'sends the message, ended with a line that is a dot alone',
  rfcs: ['RFC 5321 section 4.1.1.4'],
  progress: true,
  states: ['recipients'],
  async run(session, argument) {
    if (argument !== '') return answer(replies.badArguments('DATA takes none'));
    const sink = await beginMessage(session);
    return sink instanceof MessageSink ? answer(replies.startData, messageReceiver(sink)) : answer(sink);
  },
};

/** Only CRLF.CRLF ends the message, also one that the sink has refused long before (no smuggling in). */
function messageReceiver(sink: MessageSink): OctetReceiver {
  const unstuffer = new DotUnstuffer();
  return {
    kind: 'octets',
    async take(bytes) {
      const { data, consumed, ended } = unstuffer.decode(bytes);
      await sink.write(data);
      if (ended) return { used: consumed, outcome: answer(await sink.finish()) };
      if (sink.tooSlow) return { used: consumed, outcome: { kind: 'end', reply: replies.tooSlow } };
      return { used: consumed };
    },
  };
}
