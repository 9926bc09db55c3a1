/** UIDL (RFC 1939 section 7): the unique-id listing, of one message or of all. */
import { listing } from '../bodies.ts';
import { answer } from '../command.ts';
import type { OpenMaildrop } from '../open-maildrop.ts';
import { replies } from '../reply.ts';
import { transactionCommand, withMessage } from '../transaction.ts';

export const uidlCommand = transactionCommand({
  verb: 'UIDL',
  rfcs: ['RFC 1939 section 7'],
  run(maildrop, args) {
    const [word, ...more] = args;
    if (more.length > 0) return answer(replies.badArguments('write UIDL, or UIDL number'));
    if (word !== undefined)
      return withMessage(maildrop, word, ({ number, uidl }) => answer(replies.line(`${number} ${uidl}`)));
    return { kind: 'multiLine', reply: replies.uniqueIds, body: listing(uniqueIdListings(maildrop)) };
  },
});

function* uniqueIdListings(maildrop: OpenMaildrop): Generator<string> {
  for (const { number, uidl } of maildrop.present()) yield `${number} ${uidl}`;
}
