/**
 * `e#<block>`: the envelopes of 64 successive uids in one item, so that a listing or a search reads one where it would
 * read 64. Feed writes it once no more messages can come to the block; a message that is not in it is read from its index.
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { Condition, Item } from '../ports/table.ts';
import { bytesOf, numberOf, stringOf } from './attributes.ts';
import { envelopePageKey, uidsPerBlock } from './keys.ts';
import { maxPagedEnvelopeBytes } from './limits.ts';
import { DamagedItem } from './types.ts';
import type { MailboxId, Uid } from './types.ts';

/**
 * How pages are written; any can be read. `plain` is read six times as fast, `packed` takes a sixth of the room, and
 * where capacity is paid for by its kilobytes, of the money.
 */
export type EnvelopePageForm = 'plain' | 'packed';

/** ENVELOPEs as they are sent, by the uid's place in its block; '' where there is none. */
export type EnvelopePage = readonly string[];

/** An ENVELOPE cannot hold it (RFC 3501 section 9: a CHAR8 is any octet but NUL). */
const separator = '\0';
/** RFC 7932; higher qualities save one octet of a hundred, and take sixty times as long. */
const packing = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
/** 64 of the longest, and what separates them. */
const maxPageOctets = uidsPerBlock * (maxPagedEnvelopeBytes + 1);

/** The attributes that `parseEnvelopePage` looks at. */
export const envelopePageAttributes: readonly string[] = ['envelopes', 'packed'];

/** The envelope of a message in the page of its block, or undefined. */
export function envelopeIn(page: EnvelopePage | undefined, uid: Uid): string | undefined {
  return page?.[uid % uidsPerBlock] || undefined;
}

/** A page of these envelopes, but for those that are too long for one. */
export function envelopePage(envelopes: Iterable<readonly [Uid, string]>): EnvelopePage {
  const page = Array.from({ length: uidsPerBlock }, () => '');
  for (const [uid, envelope] of envelopes)
    if (Buffer.byteLength(envelope) <= maxPagedEnvelopeBytes && !envelope.includes(separator))
      page[uid % uidsPerBlock] = envelope;
  return page;
}

/** The page without the messages that `isKept` does not keep. */
export function withoutEnvelopes(
  page: EnvelopePage,
  { block, isKept }: { readonly block: number; readonly isKept: (uid: number) => boolean },
): EnvelopePage {
  return page.map((envelope, place) => (isKept(block * uidsPerBlock + place) ? envelope : ''));
}

export function envelopePageItem(
  mailbox: MailboxId,
  {
    block,
    page,
    form,
  }: { readonly block: number; readonly page: EnvelopePage; readonly form: EnvelopePageForm },
): Item {
  const envelopes = page.join(separator);
  return {
    ...envelopePageKey(mailbox, block),
    messages: countOf(page),
    ...(form === 'plain'
      ? { envelopes }
      : { packed: brotliCompressSync(Buffer.from(envelopes, 'latin1'), packing) }),
  };
}

/** Throws `DamagedItem`. */
export function parseEnvelopePage(item: Item): EnvelopePage {
  const page = textOf(item).split(separator);
  if (page.length !== uidsPerBlock) throw new DamagedItem('page of envelopes');
  return page;
}

export function formOf(item: Item): EnvelopePageForm {
  return item['packed'] === undefined ? 'plain' : 'packed';
}

/** That nobody has taken an envelope out of it since it was read: none is ever put in. */
export function unchangedPage(item: Item): Condition {
  return { kind: 'equals', attribute: 'messages', value: numberOf(item, 'messages') };
}

/** How many envelopes there are in it. */
export function countOf(page: EnvelopePage): number {
  return page.filter((envelope) => envelope !== '').length;
}

function textOf(item: Item): string {
  if (formOf(item) === 'plain') return stringOf(item, 'envelopes');
  try {
    return brotliDecompressSync(bytesOf(item, 'packed'), { maxOutputLength: maxPageOctets }).toString(
      'latin1',
    );
  } catch (cause) {
    throw new DamagedItem('page of envelopes', { cause });
  }
}
