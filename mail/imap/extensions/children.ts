/** CHILDREN (RFC 3348): `\HasChildren` and `\HasNoChildren` in LIST, also as RETURN (CHILDREN) (RFC 5258 section 4). */
import { always } from '../extension.ts';
import type { ListItem } from '../list/list-option.ts';

const children: ListItem = {
  attributes: ({ folder }) =>
    folder === undefined ? [] : [folder.hasChildren ? '\\HasChildren' : '\\HasNoChildren'],
};

export const childrenExtension = always('CHILDREN', 'RFC 3348', {
  listReturns: [{ name: 'CHILDREN', rfcs: ['RFC 5258 section 4'], unasked: children, parse: () => children }],
});
