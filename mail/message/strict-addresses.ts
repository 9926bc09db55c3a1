/**
 * Whose addresses a From or Sender field holds, for deciding whether its writer may use them. A field that two readers
 * might read in two ways is malformed: better to refuse it than to check one address and show another.
 */
import { parseAddress, formatAddress, type EmailAddress } from './address.ts';
import { decodeText, unfold, type HeaderField } from './header.ts';
import { messageLimits } from './limits.ts';
import { tokenize, type Token } from './tokens.ts';

export type Addresses =
  | { readonly kind: 'ok'; /** At least one. */ readonly addresses: readonly EmailAddress[] }
  | { readonly kind: 'malformed'; /** A short English clause for a person. */ readonly why: string };

/**
 * The addresses of a field's raw value (octets as Latin-1 characters, folds allowed): mailboxes and the members of
 * groups (RFC 6854), by the grammar of RFC 5322 section 3.4, UTF-8 allowed (RFC 6532). Of the obsolete forms only a dot
 * in an unquoted name and white space around an address are taken. Encoded words are what they look like: atoms.
 */
export function addressesOf(fieldValue: string): Addresses {
  if (fieldValue.length > messageLimits.maxEnvelopeFieldBytes) return malformed('the field is too long');
  const text = decodeText(unfold(fieldValue));
  if (text === undefined) return malformed('the field is not UTF-8');
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(text)) return malformed('the field has control characters');
  const tokens = tokenize(text, 'address');
  if (tokens.some((token) => !token.closed)) return malformed('a quote, comment or bracket is not closed');
  return new AddressParser(tokens).read();
}

const malformed = (why: string): Addresses => ({ kind: 'malformed', why });

/** Thrown within the parser and caught in `read`: there is one way out of every rule. */
class Malformed extends Error {}

/** Recursive descent over the tokens; a group holds no group, so it does not recurse. */
class AddressParser {
  readonly #tokens: readonly Token[];
  readonly #addresses: EmailAddress[] = [];
  #at = 0;

  /** Comments go; that they divide words is in `spaced`. */
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens.filter((token) => token.kind !== 'comment');
  }

  /** address-list */
  read(): Addresses {
    try {
      do this.#address();
      while (this.#take(','));
      if (this.#at < this.#tokens.length) throw new Malformed('there is something after an address');
    } catch (fault) {
      if (fault instanceof Malformed) return malformed(fault.message);
      throw fault;
    }
    return this.#addresses.length === 0
      ? malformed('there is no address')
      : { kind: 'ok', addresses: this.#addresses };
  }

  /** address = mailbox / group */
  #address(): void {
    const start = this.#at;
    this.#phrase();
    if (this.#at > start && this.#take(':')) {
      this.#groupList();
      return;
    }
    this.#at = start;
    this.#mailbox();
  }

  /** group = display-name ":" [mailbox-list] ";" */
  #groupList(): void {
    if (this.#take(';')) return;
    do this.#mailbox();
    while (this.#take(','));
    if (!this.#take(';')) throw new Malformed('a group is not closed');
  }

  /** mailbox = [phrase] "<" addr-spec ">" / addr-spec */
  #mailbox(): void {
    if (this.#addresses.length >= messageLimits.maxAddresses)
      throw new Malformed('there are too many addresses');
    const start = this.#at;
    this.#phrase();
    const bracketed = this.#take('<');
    if (!bracketed) this.#at = start;
    this.#addresses.push(this.#addrSpec());
    if (bracketed && !this.#take('>')) throw new Malformed('an angle bracket is not closed');
  }

  /** phrase = word *(word / "."), possibly nothing. */
  #phrase(): void {
    const start = this.#at;
    for (;;) {
      const token = this.#tokens[this.#at];
      const word = token?.kind === 'atom' || token?.kind === 'quoted';
      const dot = this.#at > start && token?.kind === 'special' && token.text === '.';
      if (!word && !dot) return;
      this.#at += 1;
    }
  }

  /** addr-spec = local-part "@" domain, nothing between its words. */
  #addrSpec(): EmailAddress {
    const start = this.#at;
    const quoted = this.#tokens[start]?.kind === 'quoted' ? this.#tokens[start].text : undefined;
    if (quoted === undefined) this.#dotAtom();
    else this.#at += 1;
    const localPart = quoted ?? this.#text(start);
    if (!this.#take('@')) throw new Malformed('an address has no "@" where it should be');
    const domainStart = this.#at;
    if (this.#tokens[this.#at]?.kind === 'literal') this.#at += 1;
    else this.#dotAtom();
    const spaced = this.#tokens.slice(start + 1, this.#at).some((token) => token.spaced);
    if (spaced) throw new Malformed('an address has white space or a comment in it');
    const address = parseAddress(formatAddress({ localPart, domain: this.#text(domainStart) }));
    if (address === undefined) throw new Malformed('an address is not valid');
    return address;
  }

  #dotAtom(): void {
    for (;;) {
      if (this.#tokens[this.#at]?.kind !== 'atom') throw new Malformed('an address is not valid');
      this.#at += 1;
      if (!this.#take('.')) return;
    }
  }

  #text(start: number): string {
    return this.#tokens
      .slice(start, this.#at)
      .map((token) => token.text)
      .join('');
  }

  #take(special: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'special' || token.text !== special) return false;
    this.#at += 1;
    return true;
  }
}

/** Who a message says wrote and sent it. */
export type Authors =
  | {
      readonly kind: 'ok';
      /** At least one. */
      readonly from: readonly EmailAddress[];
      readonly sender?: EmailAddress;
    }
  /** There is no From field. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'malformed'; readonly why: string };

/**
 * From and Sender of a header (RFC 5322 section 3.6.2). Several From or Sender fields, or a header that was `cut`, are
 * malformed: no one knows which a reader will show.
 */
export function authorsOf(header: {
  readonly fields: readonly HeaderField[];
  readonly cut: boolean;
}): Authors {
  if (header.cut) return { kind: 'malformed', why: 'the header is too large' };
  const [from, ...moreFrom] = header.fields.filter(({ key }) => key === 'from');
  const [sender, ...moreSenders] = header.fields.filter(({ key }) => key === 'sender');
  if (moreFrom.length > 0) return { kind: 'malformed', why: 'there are several From fields' };
  if (moreSenders.length > 0) return { kind: 'malformed', why: 'there are several Sender fields' };
  if (from === undefined) return { kind: 'missing' };
  const authors = addressesOf(from.value);
  if (authors.kind === 'malformed') return { kind: 'malformed', why: `From: ${authors.why}` };
  if (sender === undefined) return { kind: 'ok', from: authors.addresses };
  const senders = addressesOf(sender.value);
  if (senders.kind === 'malformed') return { kind: 'malformed', why: `Sender: ${senders.why}` };
  const [one, ...others] = senders.addresses;
  if (one === undefined || others.length > 0)
    return { kind: 'malformed', why: 'Sender: there are several addresses' };
  return { kind: 'ok', from: authors.addresses, sender: one };
}
