/** LITERAL+ (RFC 7888): `{310+}` needs no `+`. `../command-reader.ts` reads it. */
import { always } from '../extension.ts';

export const literalPlusExtension = always('LITERAL+', 'RFC 7888');
