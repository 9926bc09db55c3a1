import assert from 'node:assert/strict';
import type { ImapSession } from '../imap-session.ts';

/** The octets of an item of message 1, as Latin-1 characters; undefined for NIL. All that the server says is held against them. */
export async function octetsOf(session: ImapSession, item: string): Promise<string | undefined> {
  const said = `${(await session.say(`x FETCH 1 ${item}`)).join('\r\n')}\r\n`;
  const name = item.replace('BODY.PEEK', 'BODY').replace(/<(\d+)\.\d+>$/, '<$1>');
  const begin = `* 1 FETCH (${name} `;
  const end = ')\r\nx OK FETCH completed\r\n';
  assert.ok(said.startsWith(begin) && said.endsWith(end), said);
  const value = said.slice(begin.length, -end.length);
  if (value === 'NIL') return undefined;
  if (value === '""') return '';
  const announced = /^\{(\d+)\}\r\n/.exec(value);
  assert.ok(announced !== null, value);
  const octets = value.slice(announced[0].length);
  assert.equal(octets.length, Number(announced[1]), item);
  return octets;
}
