/** A strict reader of IMAP's lists and of the grammar of ENVELOPE and BODYSTRUCTURE (RFC 9051 section 9), for tests. */
import assert from 'node:assert/strict';

/** A string (of octets), a number, NIL, or a list. */
export type Sexp = string | number | null | readonly Sexp[];

/** Reads exactly one value, with nothing around it. Throws where a byte is not allowed. */
export function readSexp(bytes: Uint8Array): Sexp {
  const text = Buffer.from(bytes).toString('latin1');
  const [value, end] = readValue(text, 0);
  assert.equal(end, text.length, 'there is something after the value');
  return value;
}

function readValue(text: string, at: number): readonly [Sexp, number] {
  const rest = text.slice(at, at + 24);
  if (rest.startsWith('(')) return readList(text, at + 1);
  if (rest.startsWith('"')) return readQuoted(text, at + 1);
  const literal = /^\{(0|[1-9]\d*)\}\r\n/.exec(rest);
  if (literal !== null) {
    const start = at + literal[0].length;
    const end = start + Number(literal[1]);
    assert.ok(end <= text.length, 'a literal goes past the end');
    assert.ok(!text.slice(start, end).includes('\0'), 'a literal has a NUL');
    return [text.slice(start, end), end];
  }
  const atom = /^(?:NIL|0|[1-9]\d*)(?=[ )]|$)/.exec(rest);
  assert.ok(atom !== null, `no value at ${at}: ${JSON.stringify(rest)}`);
  return [atom[0] === 'NIL' ? null : Number(atom[0]), at + atom[0].length];
}

function readQuoted(text: string, start: number): readonly [string, number] {
  const quoted = /(?:[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x5b\x5d-\x7f]|\\["\\])*"/y;
  quoted.lastIndex = start;
  const match = quoted.exec(text);
  assert.ok(match !== null, `a broken quoted string at ${start}`);
  return [match[0].slice(0, -1).replace(/\\(.)/g, '$1'), quoted.lastIndex];
}

/** Values are divided by one space; lists in a list may follow each other without. */
function readList(text: string, start: number): readonly [Sexp, number] {
  const values: Sexp[] = [];
  let at = start;
  assert.notEqual(text[at], ')', 'an empty list');
  for (;;) {
    const [value, end] = readValue(text, at);
    values.push(value);
    at = end;
    if (text[at] === ')') return [values, at + 1];
    if (text[at] === ' ') at += 1;
    else assert.ok(Array.isArray(value) && text[at] === '(', `no divider at ${at}`);
  }
}

const isNstring = (value: Sexp | undefined) => value === null || typeof value === 'string';

/** Asserts the grammar of ENVELOPE; groups are closed. */
export function checkEnvelope(value: Sexp): void {
  assert.ok(Array.isArray(value) && value.length === 10, 'an ENVELOPE has ten members');
  for (const index of [0, 1, 8, 9]) assert.ok(isNstring(value[index]), `member ${index} is no nstring`);
  for (const index of [2, 3, 4, 5, 6, 7]) checkAddresses(value[index]);
}

function checkAddresses(value: Sexp | undefined): void {
  if (value === null) return;
  assert.ok(Array.isArray(value) && value.length > 0, 'an address list is NIL or has addresses');
  let inGroup = false;
  for (const address of value as readonly Sexp[]) {
    assert.ok(Array.isArray(address) && address.length === 4 && address.every(isNstring));
    const [, , mailbox, host] = address as readonly Sexp[];
    if (host === null) {
      assert.equal(inGroup, mailbox === null, 'groups do not nest and are closed');
      inGroup = mailbox !== null;
    } else assert.notEqual(mailbox, null);
  }
  assert.equal(inGroup, false);
}

/** Asserts the grammar of BODYSTRUCTURE (`extended`) or BODY. */
export function checkBody(value: Sexp | undefined, extended: boolean): void {
  assert.ok(Array.isArray(value), 'a body is a list');
  const list = value as readonly Sexp[];
  if (Array.isArray(list[0])) checkMultipart(list, extended);
  else checkOnePart(list, extended);
}

function checkMultipart(list: readonly Sexp[], extended: boolean): void {
  const end = list.findIndex((member) => !Array.isArray(member));
  assert.ok(end > 0);
  for (const part of list.slice(0, end)) checkBody(part, extended);
  assert.equal(typeof list[end], 'string');
  assert.equal(list.length, end + (extended ? 5 : 1));
  if (!extended) return;
  checkParameters(list[end + 1]);
  checkCommon(list.slice(end + 2));
}

function checkOnePart(list: readonly Sexp[], extended: boolean): void {
  const [type, subtype, parameters, id, description, encoding, size, ...rest] = list;
  for (const text of [type, subtype, encoding]) assert.equal(typeof text, 'string');
  checkParameters(parameters);
  assert.ok(isNstring(id) && isNstring(description) && typeof size === 'number');
  let left = rest;
  if (type === 'MESSAGE' && (subtype === 'RFC822' || subtype === 'GLOBAL')) {
    checkEnvelope(rest[0] ?? null);
    checkBody(rest[1], extended);
    assert.equal(typeof rest[2], 'number');
    left = rest.slice(3);
  } else if (type === 'TEXT') {
    assert.equal(typeof rest[0], 'number');
    left = rest.slice(1);
  }
  assert.notEqual(type, 'MULTIPART');
  assert.equal(left.length, extended ? 4 : 0);
  if (!extended) return;
  assert.ok(isNstring(left[0]));
  checkCommon(left.slice(1));
}

function checkParameters(value: Sexp | undefined): void {
  if (value === null) return;
  assert.ok(Array.isArray(value) && value.length > 0 && value.length % 2 === 0);
  for (const text of value as readonly Sexp[]) assert.equal(typeof text, 'string');
}

function checkCommon([disposition, language, location]: readonly Sexp[]): void {
  if (disposition !== null) {
    assert.ok(Array.isArray(disposition) && disposition.length === 2 && typeof disposition[0] === 'string');
    checkParameters((disposition as readonly Sexp[])[1]);
  }
  if (language !== null)
    assert.ok(Array.isArray(language) && language.every((tag) => typeof tag === 'string'));
  assert.ok(isNstring(location));
}
