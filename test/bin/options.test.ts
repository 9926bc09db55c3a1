/** Where an option's value comes from, and what is said of a wrong one. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Command } from 'commander';
import { addServeOptions, readServeOptions, type ServeOptions } from '../../bin/options.ts';
import { defaultData } from '../../bin/place.ts';

const folder = mkdtempSync(join(tmpdir(), 'posta-options-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Given {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Content of the configuration file: an object, or text as it is. */
  readonly file?: object | string;
}

function read({ env = {}, ...given }: Given): ServeOptions {
  Object.assign(process.env, env);
  try {
    return readHere(given);
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

function readHere({ args = [], file }: Given): ServeOptions {
  const config = join(folder, 'posta.json');
  if (file !== undefined) writeFileSync(config, typeof file === 'string' ? file : JSON.stringify(file));
  const command = new Command('serve').exitOverride().configureOutput({ writeErr: () => {} });
  addServeOptions(command);
  command.parse([...args, ...(file === undefined ? [] : ['--config', config])], { from: 'user' });
  return readServeOptions(command);
}

test('without any option the server is for trying it out', () => {
  assert.deepEqual(
    { ...read({}) },
    {
      data: defaultData,
      host: ['127.0.0.1'],
      portBase: 2000,
      domain: ['example.test'],
      acme: false,
      acmeDirectory: 'https://acme-v02.api.letsencrypt.org/directory',
      proxyProtocol: new Map(),
      loopbackPasswords: true,
      maxConnections: 4000,
      maxConnectionsPerClient: 100,
      maxMessageSize: 50 * 2 ** 20,
      retentionDays: 30,
      workers: 1,
      route: new Map(),
      mx: false,
      mtaSts: 'testing',
      logLevel: 'info',
    },
  );
});

const everySource: Record<
  string,
  {
    values: [string, string, string];
    read: (options: ServeOptions) => unknown;
    as: [unknown, unknown, unknown];
  }
> = {
  'port-base': { values: ['1', '2', '3'], read: (options) => options.portBase, as: [1, 2, 3] },
  host: {
    values: ['::1', '0.0.0.0,::', '::'],
    read: (options) => options.host,
    as: [['::1'], ['0.0.0.0', '::'], ['::']],
  },
  domain: {
    values: ['one.test', 'Two.TEST, three.test', 'four.test'],
    read: (options) => options.domain,
    as: [['one.test'], ['two.test', 'three.test'], ['four.test']],
  },
  hostname: {
    values: ['mx1.test', 'mx2.test', 'mx3.test'],
    read: (options) => options.hostname,
    as: ['mx1.test', 'mx2.test', 'mx3.test'],
  },
  data: { values: ['/a', '/b', '/c'], read: (options) => options.data, as: ['/a', '/b', '/c'] },
  'max-message-size': {
    values: ['1M', '2M', '3M'],
    read: (options) => options.maxMessageSize / 2 ** 20,
    as: [1, 2, 3],
  },
  'max-connections': {
    values: ['1', '20', '300'],
    read: (options) => options.maxConnections,
    as: [1, 20, 300],
  },
  'max-connections-per-client': {
    values: ['1', '20', '300'],
    read: (options) => options.maxConnectionsPerClient,
    as: [1, 20, 300],
  },
  workers: { values: ['1', '2', '8'], read: (options) => options.workers, as: [1, 2, 8] },
  'retention-days': { values: ['0', '7', '90'], read: (options) => options.retentionDays, as: [0, 7, 90] },
  route: {
    values: ['one.test=mx.one.test', 'two.test=[::1]:2525', 'Three.TEST=smtps://u:p%40@three.test'],
    read: ({ route }) =>
      [...route].map(([domain, { host, port, implicitTls }]) => [domain, host, port, implicitTls]),
    as: [
      [['one.test', 'mx.one.test', 25, false]],
      [['two.test', '::1', 2525, false]],
      [['three.test', 'three.test', 465, true]],
    ],
  },
  'smart-host': {
    values: ['smtps://ann%40a.test:s%3Acret@smtp.a.test', 'smtp://127.0.0.1:2525', 'smtp://smtp.c.test/'],
    read: ({ smartHost }) => [
      smartHost?.host,
      smartHost?.port,
      smartHost?.implicitTls,
      smartHost?.credentials?.user,
      smartHost?.credentials?.password.reveal(),
    ],
    as: [
      ['smtp.a.test', 465, true, 'ann@a.test', 's:cret'],
      ['127.0.0.1', 2525, false, undefined, undefined],
      ['smtp.c.test', 587, false, undefined, undefined],
    ],
  },
  'log-level': {
    values: ['debug', 'warn', 'error'],
    read: (options) => options.logLevel,
    as: ['debug', 'warn', 'error'],
  },
  'proxy-protocol': {
    values: ['required', '25=required', '995=required,110=off'],
    read: ({ proxyProtocol }) => [proxyProtocol.get(25) ?? 'off', proxyProtocol.get(995) ?? 'off'],
    as: [
      ['required', 'required'],
      ['required', 'off'],
      ['off', 'required'],
    ],
  },
};

for (const [name, { values, read: value, as }] of Object.entries(everySource))
  test(`--${name} wins over the environment, that over the file`, () => {
    const env = { [`POSTA_${name.replaceAll('-', '_').toUpperCase()}`]: values[1] };
    const file = { [name]: values[2] };
    const args = [`--${name}`, values[0]];
    assert.deepEqual(value(read({ file })), as[2]);
    assert.deepEqual(value(read({ file, env })), as[1]);
    assert.deepEqual(value(read({ file, env, args })), as[0]);
  });

test('an option that takes several takes them repeated, in a row, and as a list in the file', () => {
  assert.deepEqual(read({ args: ['--host', '127.0.0.1', '--host', '::1'] }).host, ['127.0.0.1', '::1']);
  assert.deepEqual(read({ args: ['--host', '127.0.0.1', '::1'] }).host, ['127.0.0.1', '::1']);
  assert.deepEqual(read({ file: { host: ['127.0.0.1', '::1'] } }).host, ['127.0.0.1', '::1']);
  const { proxyProtocol } = read({
    args: ['--proxy-protocol', '25=required', '--proxy-protocol', '995=required'],
  });
  assert.deepEqual(
    [...proxyProtocol],
    [
      [25, 'required'],
      [995, 'required'],
    ],
  );
  assert.deepEqual(
    [...read({ file: { 'proxy-protocol': { '25': 'required' } } }).proxyProtocol],
    [[25, 'required']],
  );
});

test('passwords without TLS are forbidden by each of the sources, and allowed by saying no', () => {
  const name = 'POSTA_NO_LOOPBACK_PASSWORDS';
  assert.equal(read({ args: ['--no-loopback-passwords'] }).loopbackPasswords, false);
  for (const yes of ['1', 'true', 'YES'])
    assert.equal(read({ env: { [name]: yes } }).loopbackPasswords, false);
  for (const no of ['', '0', 'false', 'off'])
    assert.equal(read({ env: { [name]: no } }).loopbackPasswords, true);
  assert.equal(read({ file: { 'no-loopback-passwords': true } }).loopbackPasswords, false);
  assert.equal(read({ file: { 'loopback-passwords': false } }).loopbackPasswords, false);
  assert.equal(read({ file: { 'loopback-passwords': true } }).loopbackPasswords, true);
  assert.equal(
    read({ env: { [name]: 'false' }, file: { 'no-loopback-passwords': true } }).loopbackPasswords,
    false,
  );
});

test('routes add up, and a file may name them by domain', () => {
  const hosts = ({ route }: ServeOptions) => [...route].map(([domain, { host }]) => `${domain} ${host}`);
  const args = ['--route', 'a.test=mx.a.test', '--route', 'b.test=mx.b.test,c.test=mx.c.test'];
  assert.deepEqual(hosts(read({ args })), ['a.test mx.a.test', 'b.test mx.b.test', 'c.test mx.c.test']);
  assert.deepEqual(hosts(read({ file: { route: { 'a.test': 'mx.a.test:25' } } })), ['a.test mx.a.test']);
});

test('--mx is off unless one of the sources says yes', () => {
  assert.equal(read({}).mx, false);
  assert.equal(read({ args: ['--mx'] }).mx, true);
  assert.equal(read({ env: { POSTA_MX: 'true' } }).mx, true);
  assert.equal(read({ env: { POSTA_MX: 'false' }, file: { mx: true } }).mx, true);
  assert.equal(read({ env: { POSTA_MX: '0' } }).mx, false);
  assert.equal(read({ file: { mx: true } }).mx, true);
});

test('a smart host that cannot be read is refused without its password', () => {
  for (const given of [
    { args: ['--smart-host', 'smtps://ann:hunter2@'] },
    { env: { POSTA_SMART_HOST: 'imap://ann:hunter2@a.test' } },
    { file: { 'smart-host': 'smtps://ann:hunter2%zz@a.test' } },
    { args: ['--route', 'a.test=smtp://ann:hunter2@'] },
  ])
    assert.throws(
      () => read(given),
      (error: Error) => /Write such as/.test(error.message) && !error.message.includes('hunter2'),
    );
});

test('a path on the command line starts where the user stands, one in the file at the file', () => {
  const args = ['--data', 'mail', '--tls-cert', 'chain.pem', '--tls-key', '/etc/key.pem'];
  const given = read({ args });
  assert.deepEqual(
    [given.data, given.tlsCert, given.tlsKey],
    [join(process.cwd(), 'mail'), join(process.cwd(), 'chain.pem'), '/etc/key.pem'],
  );
  assert.equal(read({ env: { POSTA_DATA: 'mail' } }).data, join(process.cwd(), 'mail'));
  assert.equal(read({ file: { data: 'mail' } }).data, join(folder, 'mail'));
});

const wrong: readonly (readonly [Given, RegExp])[] = [
  [{ args: ['--port-base', 'high'] }, /'--port-base <n>' argument 'high' is invalid. Write a whole number/],
  [{ args: ['--port-base', '-1'] }, /whole number from 0 to 64000/],
  [{ args: ['--port-base', '64001'] }, /whole number from 0 to 64000/],
  [{ args: ['--host', 'my host'] }, /address to listen on/],
  [{ args: ['--host', ''] }, /address to listen on/],
  [{ args: ['--domain', 'no domain'] }, /domain name such as example.org/],
  [{ args: ['--domain', ''] }, /domain name such as example.org/],
  [{ args: ['--hostname', '[192.0.2.1]'] }, /domain name such as example.org/],
  [{ args: ['--data', ''] }, /Write a path/],
  [{ args: ['--tls-cert', 'chain.pem'] }, /--tls-cert and --tls-key go together/],
  [{ args: ['--proxy-protocol', 'sometimes'] }, /Write required or off/],
  [{ args: ['--proxy-protocol', '26=required'] }, /25, 587, 465, 143, 993, 110, 995/],
  [{ args: ['--max-message-size', 'big'] }, /a size such as 200M/],
  [{ args: ['--retention-days', '1.5'] }, /whole number from 0 to 3650/],
  [{ args: ['--log-level', 'loud'] }, /Allowed choices are debug, info, warn, error/],
  [{ args: ['--route', 'mx.a.test'] }, /--route is no domain and its server/],
  [{ args: ['--smart-host', 'smtp.a.test'] }, /--smart-host is no server/],
  [{ file: { mx: 'yes' } }, /gives mx as "yes"\. Write true or false/],
  [{ args: ['--verbose'] }, /unknown option '--verbose'/],
  [{ env: { POSTA_PORT_BASE: 'high' } }, /'high' from env 'POSTA_PORT_BASE' is invalid/],
  [{ env: { POSTA_NO_LOOPBACK_PASSWORDS: 'maybe' } }, /POSTA_NO_LOOPBACK_PASSWORDS is maybe/],
  [{ args: ['--config', '/nowhere/posta.json'] }, /configuration file \/nowhere\/posta.json is not there/],
  [{ file: '{"port-base": 1' }, /cannot be read/],
  [{ file: '[]' }, /must hold one JSON object/],
  [{ file: { 'port-bas': 1 } }, /an option that is not there: port-bas\. posta serve --help lists them/],
  [{ file: { portBase: 1 } }, /an option that is not there: portBase/],
  [{ file: { config: 'other.json' } }, /an option that is not there: config/],
  [{ file: { 'port-base': 'high' } }, /gives port-base as "high"\. Write a whole number/],
  [{ file: { data: null } }, /gives data as null/],
  [{ file: { data: 7 } }, /gives data as 7/],
  [{ file: { host: [['::']], domain: { a: null } } }, /gives domain as \{"a":null\}/],
  [{ file: { 'log-level': 'loud' } }, /gives log-level as "loud"\. Allowed choices/],
  [
    { file: { 'no-loopback-passwords': 'yes' } },
    /gives no-loopback-passwords as "yes"\. Write true or false/,
  ],
];

for (const [given, message] of wrong)
  test(`refused: ${JSON.stringify(given)}`, () => {
    assert.throws(() => read(given), message);
  });
