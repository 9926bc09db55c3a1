/** NOOP (RFC 1939 section 5). */
import { answer } from '../command.ts';
import { replies } from '../reply.ts';
import { transactionCommand } from '../transaction.ts';

export const noopCommand = transactionCommand({
  verb: 'NOOP',
  rfcs: ['RFC 1939 section 5'],
  run: (_maildrop, args) =>
    answer(args.length > 0 ? replies.badArguments('NOOP takes none') : replies.nothing),
});
