/** The search program (RFC 4466 section 2.6.1): `[CHARSET name] key …`, all of which must match. */
import { fold } from '../../message/fold.ts';
import type { Session } from '../session.ts';
import type { Scanner } from '../syntax/scanner.ts';
import { searchCharset, type SearchCharset } from './charset.ts';
import { allOf } from './combine.ts';
import { sequenceKey } from './keys/numbers.ts';
import type { Criterion, SearchKey, SearchParsing } from './search-key.ts';

export interface SearchProgram {
  readonly criterion: Criterion;
  /** Which keys were asked, each once. */
  readonly keys: ReadonlySet<SearchKey>;
  /** Whether the charset is known; where it is not, the criterion means nothing. */
  readonly charsetKnown: boolean;
}

/** Reads a program, without the space before it. */
export function searchProgram(args: Scanner, session: Session): SearchProgram | undefined {
  const charset = searchCharset(args.accept('CHARSET ') ? (charsetName(args) ?? '') : 'UTF-8');
  // What cannot be decoded is read all the same: bad syntax comes before a charset that is not known.
  const reader = new KeyReader(session, charset ?? ((octets) => octets));
  const criteria: Criterion[] = [];
  do {
    const criterion = reader.key(args);
    if (criterion === undefined) return undefined;
    criteria.push(criterion);
  } while (args.accept(' '));
  return { criterion: allOf(criteria), keys: reader.keys, charsetKnown: charset !== undefined };
}

function charsetName(args: Scanner): string | undefined {
  const name = args.astring('a charset');
  args.space();
  return name;
}

const sequenceFirsts = '*0123456789'.split('');
/** `$` is a key as well (RFC 5182). */
const keyName = /\$|[A-Za-z][A-Za-z0-9.-]*/y;

class KeyReader implements SearchParsing {
  readonly session: Session;
  readonly keys = new Set<SearchKey>();
  readonly #charset: SearchCharset;
  #count = 0;
  #depth = 0;

  constructor(session: Session, charset: SearchCharset) {
    this.session = session;
    this.#charset = charset;
  }

  text(args: Scanner): string | undefined {
    const octets = args.astring('a text');
    if (octets === undefined) return undefined;
    const { searchTextBytes } = this.session.limits;
    if (octets.length > searchTextBytes) return args.refuse(`a text has at most ${searchTextBytes} octets`);
    const text = this.#charset(octets);
    return text === undefined ? args.refuse('a text is not of the charset') : fold(text);
  }

  key(args: Scanner): Criterion | undefined {
    const { depth, searchKeys } = this.session.limits;
    this.#count += 1;
    this.#depth += 1;
    if (this.#count > searchKeys) return args.refuse(`at most ${searchKeys} keys at once`);
    if (this.#depth > depth) return args.refuse(`keys within one another at most ${depth} times`);
    const criterion = this.#read(args);
    this.#depth -= 1;
    return criterion;
  }

  #read(args: Scanner): Criterion | undefined {
    if (args.looksAt('(')) {
      const criteria = args.list(() => this.key(args));
      return criteria && allOf(criteria);
    }
    if (sequenceFirsts.some((first) => args.looksAt(first))) return sequenceKey(args, this);
    const name = args.take(keyName, 'a search key')?.toUpperCase();
    const key = name === undefined ? undefined : this.session.registry.searchKeys.get(name);
    if (key === undefined) return args.fail('a search key');
    this.keys.add(key);
    return key.parse(args, this);
  }
}
