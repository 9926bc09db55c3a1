/** STAT (RFC 1939 section 5): how many messages, how many octets. */
import { answer } from '../command.ts';
import { replies } from '../reply.ts';
import { transactionCommand } from '../transaction.ts';

export const statCommand = transactionCommand({
  verb: 'STAT',
  rfcs: ['RFC 1939 section 5'],
  run(maildrop, args) {
    if (args.length > 0) return answer(replies.badArguments('STAT takes none'));
    return answer(replies.stat(maildrop.count, maildrop.bytes));
  },
});
