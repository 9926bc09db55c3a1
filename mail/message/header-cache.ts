/**
 * The header fields that clients ask for, kept compressed beside the index, so that FETCH BODY[HEADER.FIELDS (…)] needs
 * no read of the message. Signatures and trace are left out: they are most of a header's octets and are hardly read.
 *
 * The form: one octet of version, one of flags, then the raw fields with their line ends, deflated (RFC 1951) with a
 * preset dictionary: what most headers hold, and from version 2 on the message's own ENVELOPE, which stands beside the
 * cache and says half of it already.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { parseHeader, type HeaderField } from './header.ts';
import { messageLimits } from './limits.ts';

const version = 2;
const versionWithoutEnvelope = 1;
const someLeftOut = 1;

/** Names, in lower case, that are left out; and beginnings of such names. */
const leftOutNames = new Set([
  'received',
  'received-spf',
  'return-path',
  'delivered-to',
  'x-received',
  'authentication-results',
  'x-authentication-results',
  'dkim-signature',
  'domainkey-signature',
  'x-google-dkim-signature',
  'x-gm-message-state',
  'x-ses-dkim-signature',
  'x-original-authentication-results',
]);
const leftOutBeginnings = [
  'arc-',
  'x-spam-',
  'x-ms-exchange-',
  'x-microsoft-antispam',
  'x-forefront-',
  'x-google-smtp-',
];

/** Whether fields of that name are kept; the case does not matter. */
export function isCachedField(name: string): boolean {
  const key = name.toLowerCase();
  return !leftOutNames.has(key) && !leftOutBeginnings.some((beginning) => key.startsWith(beginning));
}

/** What most headers hold; the more frequent, the nearer to the end. */
const dictionary = Buffer.from(
  [
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nList-Unsubscribe: <mailto:\r\nList-Id: <\r\nPrecedence: bulk',
    'Auto-Submitted: auto-generated\r\nX-Priority: 3\r\nImportance: normal\r\nFeedback-ID: \r\nSender: \r\nReply-To: ',
    'X-Mailer: Microsoft Outlook 16.0\r\nThread-Topic: Re: \r\nThread-Index: \r\nAccept-Language: en-US\r\nUser-Agent: ',
    'Mozilla Thunderbird\r\nContent-Language: en-US\r\nContent-Disposition: attachment; filename="',
    'Content-Type: multipart/signed; micalg="pgp-sha512"; protocol="application/pgp-signature"; boundary="',
    'Content-Type: multipart/related; boundary="----=_NextPart_000_\r\nContent-Type: multipart/mixed; boundary="',
    'Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: 8bit',
    'Content-Type: text/html; charset=utf-8\r\nContent-Type: text/plain; charset=UTF-8; format=flowed',
    'Content-Transfer-Encoding: quoted-printable\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="',
    '=?utf-8?B?=?UTF-8?Q?\r\nIn-Reply-To: <\r\nReferences: <@mail.gmail.com>\r\n <\r\nCc: \r\nFrom: "" <\r\nTo: <',
    'Date: Mon, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <\r\nSubject: Re: ',
  ].join('\r\n'),
  'latin1',
);

/** Octets of the buffers that zlib fills: most caches are no longer, and a larger one costs more than the work. */
const chunkSize = 4096;

/**
 * The cache of a header, from its octets and the fields found in them; undefined ("not cached") where it would be
 * larger than the limits, or where `fields` are not all of them.
 */
export function encodeHeaderCache(header: {
  readonly bytes: Uint8Array;
  readonly fields: readonly HeaderField[];
  readonly cut: boolean;
  /** As it goes over the wire, octets as Latin-1 characters. */
  readonly envelope: string;
}): Uint8Array | undefined {
  if (header.cut) return undefined;
  const kept = header.fields.filter(({ key }) => isCachedField(key));
  const raw = Buffer.concat(kept.map(({ start, end }) => header.bytes.subarray(start, end)));
  if (raw.length > messageLimits.maxCachedHeaderBytes) return undefined;
  const deflated = deflateRawSync(raw, { dictionary: dictionaryWith(header.envelope), chunkSize });
  if (deflated.length > messageLimits.maxHeaderCacheBytes) return undefined;
  const flags = kept.length < header.fields.length ? someLeftOut : 0;
  return Buffer.concat([Uint8Array.of(version, flags), deflated]);
}

function dictionaryWith(envelope: string): Uint8Array {
  return Buffer.concat([dictionary, Buffer.from(envelope, 'latin1')]);
}

/** A cache that was read again. */
export interface CachedHeader {
  /** In the order of the message; `start` and `end` are places in `bytes`. */
  readonly fields: readonly HeaderField[];
  readonly bytes: Uint8Array;
  /** Whether no field of the message was left out. */
  readonly complete: boolean;
}

/**
 * Reads the cache of a message with that envelope; undefined where it is of another version or damaged: then the message
 * itself is to be read.
 */
export function decodeHeaderCache(cache: Uint8Array, envelope: string): CachedHeader | undefined {
  if (cache[0] !== version && cache[0] !== versionWithoutEnvelope) return undefined;
  try {
    const bytes = inflateRawSync(cache.subarray(2), {
      dictionary: cache[0] === version ? dictionaryWith(envelope) : dictionary,
      maxOutputLength: messageLimits.maxCachedHeaderBytes + 1,
      chunkSize,
    });
    return { fields: parseHeader(bytes), bytes, complete: ((cache[1] ?? 0) & someLeftOut) === 0 };
  } catch {
    return undefined;
  }
}

/** Names of fields as they are looked for in one header after the other. */
export interface FieldNames {
  /** In lower case. */
  readonly keys: ReadonlySet<string>;
  /** Whether a cache keeps all that have such a name. */
  readonly cached: boolean;
}

export function fieldNames(names: readonly string[]): FieldNames {
  return { keys: new Set(names.map((name) => name.toLowerCase())), cached: names.every(isCachedField) };
}

/**
 * The fields that have one of `names` (HEADER.FIELDS, RFC 9051 section 6.4.5.1), as they stand in the message, without
 * the empty line after them; octets as Latin-1 characters. undefined where the cache cannot tell, because a name is left
 * out.
 */
export function cachedFields(header: CachedHeader, { keys, cached }: FieldNames): string | undefined {
  return header.complete || cached ? selectFields(header, ({ key }) => keys.has(key)) : undefined;
}

/** The same from any header that is at hand. */
export function selectFields(
  { bytes, fields }: { readonly bytes: Uint8Array; readonly fields: readonly HeaderField[] },
  wanted: (field: HeaderField) => boolean,
): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  let selected = '';
  for (const field of fields) if (wanted(field)) selected += text.slice(field.start, field.end);
  return selected;
}
