/** DELE (RFC 1939 section 5): marks a message; QUIT deletes it. */
import { answer } from '../command.ts';
import { replies } from '../reply.ts';
import { transactionCommand, withMessage } from '../transaction.ts';

export const deleCommand = transactionCommand({
  verb: 'DELE',
  rfcs: ['RFC 1939 section 5'],
  run(maildrop, args) {
    const [word, ...more] = args;
    if (word === undefined || more.length > 0) return answer(replies.badArguments('write DELE number'));
    return withMessage(maildrop, word, (message) => {
      maildrop.mark(message);
      return answer(replies.deleted(message.number));
    });
  },
});
