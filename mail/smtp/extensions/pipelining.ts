/** PIPELINING (RFC 2920): the replies to a group of commands leave in one write; the engine does that for everyone. */
import type { Extension } from '../extension.ts';

export const pipeliningExtension: Extension = {
  name: 'PIPELINING',
  rfcs: ['RFC 2920'],
  keyword: () => 'PIPELINING',
};
