/** `address#<address>`: what mail for one of our addresses does. An address is there once, whatever it does. */
import { numberOf, optionalStringOf, stringOf, stringsOf } from '../mailbox/attributes.ts';
import { DamagedItem, parseAccountId, sound, type AccountId } from '../mailbox/types.ts';
import type { Item } from '../ports/table.ts';
import { addressKey } from './keys.ts';

interface EntryBase {
  /** Canonical. */
  readonly address: string;
  readonly createdAt: string;
  /** Raised by each write: the condition of the next. */
  readonly revision: number;
}

/** `targets` are canonical addresses. `rejected` refuses mail, for the `reason` that the sender is told. */
export type AddressEntry =
  | (EntryBase & { readonly kind: 'account'; readonly accountId: AccountId })
  | (EntryBase & { readonly kind: 'alias'; readonly targets: readonly string[] })
  | (EntryBase & { readonly kind: 'rejected'; readonly reason: string | undefined });

export function addressItem(entry: AddressEntry): Item {
  const { address, createdAt, revision } = entry;
  const base = { ...addressKey(address), address, does: entry.kind, createdAt, revision };
  switch (entry.kind) {
    case 'account':
      return { ...base, accountId: entry.accountId };
    case 'alias':
      return { ...base, targets: entry.targets };
    case 'rejected':
      return entry.reason === undefined ? base : { ...base, reason: entry.reason };
    default:
      return entry satisfies never;
  }
}

/** Reads it; throws `DamagedItem`. */
export function parseAddressItem(item: Item): AddressEntry {
  const base = {
    address: stringOf(item, 'address'),
    createdAt: stringOf(item, 'createdAt'),
    revision: numberOf(item, 'revision'),
  };
  const kind = stringOf(item, 'does');
  if (kind === 'account') {
    const accountId = sound(parseAccountId(stringOf(item, 'accountId')), 'account id');
    return { ...base, kind, accountId };
  }
  if (kind === 'alias') return { ...base, kind, targets: stringsOf(item, 'targets') };
  if (kind === 'rejected') return { ...base, kind, reason: optionalStringOf(item, 'reason') };
  throw new DamagedItem('kind of address');
}
