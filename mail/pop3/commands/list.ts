/** LIST (RFC 1939 section 5): the scan listing, of one message or of all; octets as they are stored. */
import { listing } from '../bodies.ts';
import { answer } from '../command.ts';
import type { OpenMaildrop } from '../open-maildrop.ts';
import { replies } from '../reply.ts';
import { transactionCommand, withMessage } from '../transaction.ts';

export const listCommand = transactionCommand({
  verb: 'LIST',
  rfcs: ['RFC 1939 section 5'],
  run(maildrop, args) {
    const [word, ...more] = args;
    if (more.length > 0) return answer(replies.badArguments('write LIST, or LIST number'));
    if (word !== undefined)
      return withMessage(maildrop, word, ({ number, sizeBytes }) =>
        answer(replies.line(`${number} ${sizeBytes}`)),
      );
    const reply = replies.holds(maildrop.count, maildrop.bytes);
    return { kind: 'multiLine', reply, body: listing(scanListings(maildrop)) };
  },
});

function* scanListings(maildrop: OpenMaildrop): Generator<string> {
  for (const { number, sizeBytes } of maildrop.present()) yield `${number} ${sizeBytes}`;
}
