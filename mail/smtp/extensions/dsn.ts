/**
 * DSN (RFC 3461): what a sender wants to hear of a message, and how it is told which one is meant. The listener reads
 * it into the envelope; `mail/delivery` obeys it.
 */
import type { NotifyKeyword, OriginalRecipient } from '../../routing/envelope.ts';
import { refuse, set, type Extension } from '../extension.ts';
import { allows } from '../oddities.ts';
import { replies } from '../reply.ts';
import { decodeUnitext } from '../syntax/unitext.ts';
import { decodeXtext } from '../syntax/xtext.ts';

/** Section 5.4, in characters as they are written; nothing asks a server to take longer ones. */
const maxEnvidCharacters = 100;
const maxOrcptCharacters = 500;

export const dsnExtension: Extension = {
  name: 'DSN',
  rfcs: ['RFC 3461', 'RFC 6533 section 3'],
  keyword: () => 'DSN',
  mailParameters: {
    RET(value) {
      const ret = value?.toUpperCase();
      if (ret === 'FULL' || ret === 'HDRS') return set({ ret });
      return refuse(replies.badArguments('RET is FULL or HDRS'));
    },
    ENVID(value) {
      const envid = value === undefined ? undefined : readXtext(value, maxEnvidCharacters);
      if (envid !== undefined) return set({ envid });
      return refuse(replies.badArguments('ENVID is printable ASCII in xtext, at most 100 characters'));
    },
  },
  rcptParameters: {
    NOTIFY(value) {
      const notify = value === undefined ? undefined : readNotify(value);
      if (notify !== undefined) return set({ notify });
      return refuse(replies.badArguments('NOTIFY is NEVER, or some of SUCCESS,FAILURE,DELAY'));
    },
    ORCPT(value) {
      const orcpt = value === undefined ? undefined : readOriginalRecipient(value);
      if (orcpt !== undefined) return set({ orcpt });
      return refuse(replies.badArguments('ORCPT is address-type;xtext, at most 500 characters'));
    },
  },
};

/** Section 4.1: `NEVER` alone, or a list; a keyword given twice counts once. */
function readNotify(value: string): readonly NotifyKeyword[] | undefined {
  const written = value.toUpperCase().split(',');
  if (written.length === 1 && written[0] === 'NEVER') return ['NEVER'];
  const keywords = new Set<NotifyKeyword>();
  for (const keyword of written) {
    if (keyword !== 'SUCCESS' && keyword !== 'FAILURE' && keyword !== 'DELAY') return undefined;
    keywords.add(keyword);
  }
  return [...keywords];
}

// RFC 5322's atom.
const addressType = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/;

/** Section 4.2; the address is not held to any syntax, and letters keep their case. */
function readOriginalRecipient(value: string): OriginalRecipient | undefined {
  const semicolon = value.indexOf(';');
  if (semicolon < 0 || value.length > maxOrcptCharacters) return undefined;
  const type = value.slice(0, semicolon);
  const written = value.slice(semicolon + 1);
  if (!addressType.test(type)) return undefined;
  if (type.toLowerCase() === 'utf-8') return { addressType: type, address: readUtf8Address(written) };
  const address = readXtext(written, maxOrcptCharacters);
  if (address !== undefined) return { addressType: type, address };
  const utf8 = type.toLowerCase() === 'rfc822' && allows('utf8InRfc822') ? decodeXtext(written) : undefined;
  // What it says, under the type that may say it.
  return utf8 === undefined || hasControls.test(utf8) ? undefined : { addressType: 'utf-8', address: utf8 };
}

const hasControls = /[\x00-\x1f\x7f-\x9f]/;

/** RFC 6533 section 3: what is labelled utf-8 and is no unitext is kept as it is written. */
function readUtf8Address(written: string): string {
  return decodeUnitext(written) ?? written;
}

/** The text in xtext: graphic and white space of ASCII (sections 4.2 and 4.4), so that it cannot end a line elsewhere. */
function readXtext(written: string, maxCharacters: number): string | undefined {
  if (written.length > maxCharacters) return undefined;
  const text = decodeXtext(written);
  return text !== undefined && /^[\t\x20-\x7e]*$/.test(text) ? text : undefined;
}
