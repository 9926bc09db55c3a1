/** ESEARCH (RFC 4731): SEARCH tells of its result what was asked for. */
import { always } from '../extension.ts';
import { esearchOptions } from '../search/return-options.ts';

export const esearchExtension = always('ESEARCH', 'RFC 4731', { returnOptions: esearchOptions });
