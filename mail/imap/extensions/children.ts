/** CHILDREN (RFC 3348): `\HasChildren` and `\HasNoChildren` in LIST. `../commands/list.ts` tells them. */
import { always } from '../extension.ts';

export const childrenExtension = always('CHILDREN', 'RFC 3348');
