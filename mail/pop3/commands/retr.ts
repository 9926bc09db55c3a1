/**
 * RETR (RFC 1939 section 5): the message's bytes as they are stored, dots stuffed, a CRLF added where the last line has
 * none.
 *
 * A message with UTF-8 in its header goes out as it is even where UTF8 was not given. RFC 6856 section 2.1 has the
 * server make a surrogate of it, or refuse. A surrogate is other octets than LIST announced and breaks every signature;
 * a refusal leaves mail on the server for ever, for hardly a client knows UTF8, and all of them show such a header or
 * put up with it. Other servers do the same.
 */
import { begun } from '../bodies.ts';
import { answer } from '../command.ts';
import { replies } from '../reply.ts';
import { transactionCommand, withMessage } from '../transaction.ts';

export const retrCommand = transactionCommand({
  verb: 'RETR',
  rfcs: ['RFC 1939 section 5', 'RFC 6856 section 2.1'],
  run(maildrop, args, session) {
    const [word, ...more] = args;
    if (word === undefined || more.length > 0) return answer(replies.badArguments('write RETR number'));
    return withMessage(maildrop, word, async (message) => {
      const body = await begun(maildrop.read(message));
      session.counts.retrieved += 1;
      return { kind: 'multiLine', reply: replies.message(message.sizeBytes), body };
    });
  },
});
