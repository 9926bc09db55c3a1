/** HELP as an extension keyword (RFC 5321 section 4.1.1.1 and RFC 1869). */
import { helpCommand } from '../commands/help.ts';
import type { Extension } from '../extension.ts';

export const helpExtension: Extension = {
  name: 'HELP',
  rfcs: ['RFC 5321 section 4.1.1.8'],
  keyword: () => 'HELP',
  commands: [helpCommand],
};
