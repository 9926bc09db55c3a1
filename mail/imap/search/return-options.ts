/** The return options of RFC 4731 section 3.1. Without a result only COUNT says something. */
import { wholeResult, type AskedReturn, type ReturnOption } from './return-option.ts';
import { formatRanges } from '../syntax/sequence-set.ts';

const min: AskedReturn = {
  extent: { first: 1, last: 0 },
  write({ numbers: [lowest] }, out) {
    if (lowest !== undefined) out.text(` MIN ${lowest}`);
  },
};

const max: AskedReturn = {
  extent: { first: 0, last: 1 },
  write({ numbers }, out) {
    const highest = numbers.at(-1);
    if (highest !== undefined) out.text(` MAX ${highest}`);
  },
};

const count: AskedReturn = {
  extent: wholeResult,
  write: ({ numbers }, out) => out.text(` COUNT ${numbers.length}`),
};

/** Ranges that are written before the client is waited for. */
const rangesAtOnce = 1000;

/** What `RETURN ()` asks for too. */
export const returnAll: AskedReturn = {
  extent: wholeResult,
  async write({ numbers }, out) {
    let written = 0;
    for (const range of formatRanges(numbers)) {
      out.text(`${written === 0 ? ' ALL ' : ','}${range}`);
      written += 1;
      if (written % rangesAtOnce === 0) await out.ready();
    }
  },
};

export const esearchOptions: readonly ReturnOption[] = [
  option('MIN', min),
  option('MAX', max),
  option('COUNT', count),
  option('ALL', returnAll),
];

function option(name: string, asked: AskedReturn): ReturnOption {
  return { name, rfcs: ['RFC 4731 section 3.1'], parse: () => asked };
}
