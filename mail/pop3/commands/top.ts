/** TOP (RFC 1939 section 7): the header and the first lines of the body. */
import { begun, top } from '../bodies.ts';
import { answer } from '../command.ts';
import { replies } from '../reply.ts';
import { parseNumber } from '../syntax/command-line.ts';
import { transactionCommand, withMessage } from '../transaction.ts';

export const topCommand = transactionCommand({
  verb: 'TOP',
  rfcs: ['RFC 1939 section 7'],
  run(maildrop, args) {
    const [word, count, ...more] = args;
    const lines = count === undefined ? undefined : parseNumber(count);
    if (word === undefined || lines === undefined || more.length > 0)
      return answer(replies.badArguments('write TOP number lines'));
    return withMessage(maildrop, word, async (message) => {
      const body = top(await begun(maildrop.read(message)), lines);
      return { kind: 'multiLine', reply: replies.top, body };
    });
  },
});
