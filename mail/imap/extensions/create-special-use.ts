/**
 * CREATE-SPECIAL-USE (RFC 6154 section 3): `CREATE Sent (USE (\Sent))`, for the mailboxes of an account that has deleted
 * its own. A mailbox has one use at most, and none is `\All` or `\Flagged`: these are views of others.
 */
import type { SpecialUse } from '../../mailbox/folder-item.ts';
import type { CreateParameter } from '../create-parameter.ts';
import { always } from '../extension.ts';
import { statuses } from '../status.ts';
import type { Scanner } from '../syntax/scanner.ts';

const creatable: readonly SpecialUse[] = ['Archive', 'Drafts', 'Junk', 'Sent', 'Trash'];

const use: CreateParameter = {
  name: 'USE',
  rfcs: ['RFC 6154 section 3'],
  parse(args) {
    args.space();
    const names = args.list(() => useAttribute(args), { empty: true, what: 'a list of special uses' });
    if (names === undefined) return undefined;
    const [first, ...others] = names;
    if (first === undefined) return {};
    const specialUse = creatable.find((each) => each.toUpperCase() === first);
    if (specialUse === undefined || others.length > 0) return { refusal: statuses.useUnknown };
    return { specialUse };
  },
};

/** use-attr, without its backslash and in upper case. */
function useAttribute(args: Scanner): string | undefined {
  args.expect('\\', 'a special use');
  return args.atom('a special use')?.toUpperCase();
}

export const createSpecialUseExtension = always('CREATE-SPECIAL-USE', 'RFC 6154', {
  createParameters: [use],
});
