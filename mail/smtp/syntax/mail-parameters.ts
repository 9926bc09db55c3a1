/** Mail-parameters and Rcpt-parameters (RFC 5321 section 4.1.2): esmtp-param *(SP esmtp-param). */

/** esmtp-keyword in upper case, and its value as written where there is one. */
export interface EsmtpParameter {
  readonly keyword: string;
  readonly value: string | undefined;
}

export type MailParameters =
  | { readonly kind: 'ok'; readonly parameters: readonly EsmtpParameter[] }
  | { readonly kind: 'bad'; readonly reason: string };

// esmtp-value has no "=" and no controls; RFC 6531 section 3.3 adds UTF-8 to it.
const esmtpParam = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e\u00a0-\uffff]+))?$/;

/** What stands behind the path. A keyword given twice is refused: which one counts would be a guess. */
export function parseMailParameters(text: string): MailParameters {
  const parameters: EsmtpParameter[] = [];
  for (const word of text.split(/[ \t]+/)) {
    if (word === '') continue;
    const match = esmtpParam.exec(word);
    const keyword = match?.[1]?.toUpperCase();
    if (keyword === undefined)
      return { kind: 'bad', reason: 'a parameter is malformed: write KEYWORD=value' };
    if (parameters.some((parameter) => parameter.keyword === keyword))
      return { kind: 'bad', reason: `${keyword.slice(0, 64)} is given twice` };
    parameters.push({ keyword, value: match?.[2] });
  }
  return { kind: 'ok', parameters };
}
