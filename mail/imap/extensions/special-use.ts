/** SPECIAL-USE (RFC 6154): `\Sent`, `\Trash` … in LIST; only such names with LIST (SPECIAL-USE). */
import { always } from '../extension.ts';
import type { ListItem } from '../list/list-option.ts';

const rfcs = ['RFC 6154 section 2'];

const specialUse: ListItem = {
  attributes: ({ folder }) => (folder?.specialUse === undefined ? [] : [`\\${folder.specialUse}`]),
};

export const specialUseExtension = always('SPECIAL-USE', 'RFC 6154', {
  listSelections: [
    {
      name: 'SPECIAL-USE',
      rfcs,
      parse: () => ({ selects: ({ folder }) => folder?.specialUse !== undefined, items: [specialUse] }),
    },
  ],
  listReturns: [{ name: 'SPECIAL-USE', rfcs, unasked: specialUse, parse: () => specialUse }],
});
