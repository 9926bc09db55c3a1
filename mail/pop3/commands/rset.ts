/** RSET (RFC 1939 section 5): takes all marks away. */
import { answer } from '../command.ts';
import { replies } from '../reply.ts';
import { transactionCommand } from '../transaction.ts';

export const rsetCommand = transactionCommand({
  verb: 'RSET',
  rfcs: ['RFC 1939 section 5'],
  run(maildrop, args) {
    if (args.length > 0) return answer(replies.badArguments('RSET takes none'));
    maildrop.unmarkAll();
    return answer(replies.holds(maildrop.count, maildrop.bytes));
  },
});
