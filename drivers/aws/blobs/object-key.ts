/** A key as S3 takes it, and as it stands in a header. */

const maxKeyBytes = 1024;

/** A key has 1 to 1024 bytes of UTF-8. */
export function assertKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes < 1 || bytes > maxKeyBytes || !key.isWellFormed())
    throw new RangeError(`a blob's key has 1 to ${maxKeyBytes} bytes of UTF-8`);
}

/** What CopyObject copies from: percent-encoded, for a `+` or `%` in it would be read as something else. */
export function copySource(bucket: string, key: string): string {
  return `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
}

/** A key out of a list that was asked for in URL encoding: XML has no way to write all characters. */
export function decodeListedKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}

/** So that the console and a browser show a message as one. */
export function contentTypeOf(key: string): string {
  return key.endsWith('.eml') ? 'message/rfc822' : 'application/octet-stream';
}
