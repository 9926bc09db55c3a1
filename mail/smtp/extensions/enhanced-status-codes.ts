/** ENHANCEDSTATUSCODES (RFC 2034): each 2xx, 4xx and 5xx reply carries a code of RFC 3463. */
import type { Extension } from '../extension.ts';

export const enhancedStatusCodesExtension: Extension = {
  name: 'ENHANCEDSTATUSCODES',
  rfcs: ['RFC 2034', 'RFC 3463', 'RFC 5248'],
  keyword: () => 'ENHANCEDSTATUSCODES',
};
