/** SMTP smuggling: what another server may take for the end of a message is never one here, nor is it let through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ready } from './dialog.ts';

/** All ways to write line, dot, line but the right one. */
const ends = ['\r\n', '\n', '\r', '\r\r\n', '\n\r', '\r\0\n', '\r \n'];
const wrongEnds = ends
  .flatMap((before) => ends.map((after) => `${before}.${after}`))
  .filter((end) => !end.includes('\r\n.\r\n'));
const smuggled = 'MAIL FROM:<evil@example.org>\r\nRCPT TO:<paco@example.test>\r\nDATA\r\nevil\r\n.\r\n';

test('nothing but CRLF.CRLF ends DATA, and a message with a bare CR or LF is refused whole', async () => {
  for (const end of wrongEnds) {
    const dialog = await ready();
    await dialog.envelope();
    await dialog.say('DATA');
    assert.equal(await dialog.send(`Subject: a${end}b`), '', JSON.stringify(end));
    assert.match(await dialog.send('\r\n.\r\n'), /^554 5\.6\.0 [^\r\n]*\r\n$/, JSON.stringify(end));
    assert.equal(dialog.host.received.length, 0);
    assert.equal(dialog.host.open, 0);
  }
});

test('commands behind a wrong end of a message are part of the message that is refused', async () => {
  for (const end of wrongEnds) {
    const dialog = await ready();
    await dialog.envelope();
    await dialog.say('DATA');
    const said = await dialog.send(`Subject: a${end}${smuggled}`);
    assert.match(said, /^554 5\.6\.0 [^\r\n]*\r\n$/, JSON.stringify(end));
    assert.equal(dialog.host.received.length, 0);
  }
});

test('a bare CR or LF in a chunk refuses the message, also where CR and LF come in two chunks or the end comes between', async () => {
  for (const [octets, replies] of [
    ['BDAT 4 LAST\r\na\nb\n', /^554 5\.6\.0 .*\r\n$/],
    ['BDAT 4 LAST\r\nabc\r', /^554 5\.6\.0 .*\r\n$/],
    ['BDAT 4\r\nabc\rBDAT 2 LAST\r\nd\n', /^250 .*\r\n554 5\.6\.0 .*\r\n$/],
    ['BDAT 4\r\nab\rcBDAT 2 LAST\r\n\r\n', /^554 5\.6\.0 .*\r\n503 .*\r\n$/],
  ] as const) {
    const dialog = await ready();
    await dialog.envelope();
    assert.match(await dialog.send(octets), replies);
    assert.equal(dialog.host.received.length, 0);
    assert.equal(dialog.host.open, 0);
  }
  const whole = await ready();
  await whole.envelope();
  assert.match(await whole.send('BDAT 4\r\nabc\rBDAT 1 LAST\r\n\n'), /^250 .*\r\n250 .*queued/);
});

test('a command line with a bare CR or LF is refused once and does nothing, nor does what hides in it', async () => {
  for (const line of ['NOOP\nQUIT\r\n', 'NOOP\rQUIT\r\n', 'NOOP\r\r\n', '\nQUIT\r\n']) {
    const dialog = await ready();
    assert.match(await dialog.send(line), /^500 5\.5\.2 [^\r\n]*CRLF[^\r\n]*\r\n$/, JSON.stringify(line));
    assert.equal(await dialog.say('NOOP'), '250 2.0.0 OK');
  }
});

test('a reply never repeats the client’s octets outside printable ASCII', async () => {
  const dialog = await ready();
  const said = await dialog.say('MAIL FROM:<a@example.org> XÜ=1', 'MAIL FROM:<> X1=ü', 'AUTH \u0085', 'ü');
  assert.match(said, /^[\x20-\x7e\r\n]*$/);
});
