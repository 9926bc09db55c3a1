/** CHUNKING (RFC 3030): messages in counted chunks. BINARYMIME is not offered: every line still ends with CRLF. */
import { bdatCommand } from '../commands/bdat.ts';
import type { Extension } from '../extension.ts';

export const chunkingExtension: Extension = {
  name: 'CHUNKING',
  rfcs: ['RFC 3030'],
  keyword: () => 'CHUNKING',
  commands: [bdatCommand],
};
