/** What is said at the start of where mail for other servers goes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoute, parseSmartHost } from '../../bin/next-server.ts';
import { logWhereMailGoes, whereMailGoes } from '../../bin/serve/next-hops.ts';
import { recordingLog } from '../contracts/recording-log.ts';

const routes = (...texts: readonly string[]) => new Map(texts.map(parseRoute));
const held =
  'is held until you release it (npx posta queue list): start with --smart-host, --mx, or --route DOMAIN=HOST:PORT to send it.';

test('without any option it is held, and how it would go is said', () => {
  assert.equal(whereMailGoes({ route: new Map(), mx: false }), `Mail for other servers ${held}`);
});

test('routes are named, and then what becomes of all other mail', () => {
  assert.equal(
    whereMailGoes({ route: routes('hotmail.test=localhost:3025'), mx: false }),
    `Mail for hotmail.test goes to localhost:3025; all other mail for other servers ${held}`,
  );
  assert.equal(
    whereMailGoes({ route: routes('a.test=192.0.2.1', 'b.test=smtps://[2001:db8::1]'), mx: true }),
    "Mail for a.test goes to 192.0.2.1:25; mail for b.test goes to smtps://[2001:db8::1]:465; all other mail for other servers goes to its domain's own servers (MX), on port 25.",
  );
});

test('many routes are counted', () => {
  const many = routes(...Array.from({ length: 8 }, (_, at) => `d${at}.test=192.0.2.${at}`));
  assert.match(
    whereMailGoes({ route: many, mx: false }),
    /d4\.test goes to 192\.0\.2\.4:25; 3 more domains have/,
  );
});

test('a smart host is named with its user, and neither people nor the log see the password', () => {
  const smartHost = parseSmartHost('smtps://ann%40example.org:geheim@smtp.example.net');
  const log = recordingLog();
  logWhereMailGoes({ route: routes('b.test=smtps://bob:verborgen@b.test'), smartHost, mx: true }, log);
  const said = whereMailGoes({ route: new Map(), smartHost, mx: true });
  assert.equal(said, 'Mail for other servers goes to smtps://smtp.example.net:465 as ann@example.org.');
  assert.doesNotMatch(said + JSON.stringify(log.lines), /geheim|verborgen/);
  assert.match(JSON.stringify(log.lines), /smtps:\/\/b\.test:465 as bob/);
});
