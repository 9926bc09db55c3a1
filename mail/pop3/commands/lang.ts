/** LANG (RFC 6856 section 3): lists the languages of replies, or chooses one. */
import { listing } from '../bodies.ts';
import { answer, everyState, type Command } from '../command.ts';
import { findLanguage, languages } from '../languages.ts';
import { replies } from '../reply.ts';
import { words } from '../syntax/command-line.ts';

export const langCommand: Command = {
  verb: 'LANG',
  rfcs: ['RFC 6856 section 3'],
  states: everyState,
  run(_session, argument) {
    const [range, ...more] = words(argument);
    if (more.length > 0) return answer(replies.badArguments('write LANG, or LANG language-range'));
    if (range === undefined) {
      const lines = languages.map(({ tag, description }) => `${tag} ${description}`);
      return { kind: 'multiLine', reply: replies.languages, body: listing(lines) };
    }
    const found = findLanguage(range);
    if (found === 'malformed') return answer(replies.badArguments('a language range is like en, en-GB or *'));
    if (found === undefined) return answer(replies.unknownLanguage(range));
    return answer(replies.language(found.tag, found.chosen));
  },
};
