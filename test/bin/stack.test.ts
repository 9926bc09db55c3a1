/** `posta … --stack`: every command is carried out by a deployment, or says why it cannot be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { postaProgram } from '../../bin/program.ts';
import { adminCommands } from '../../lambdas/admin/registry.ts';
import { postaCommand } from '../end-to-end/posta.ts';

/** They work on a data directory only. */
const local = ['serve', 'import', 'export', 'restored'];

async function everyCommand(): Promise<ReadonlyMap<string, Command>> {
  const names = (await postaProgram([])).commands.map((command) => command.name());
  const program = await postaProgram(names);
  return new Map(
    program.commands.flatMap((group) =>
      group.commands.length === 0
        ? [[group.name(), group] as const]
        : group.commands.map((command) => [`${group.name()} ${command.name()}`, command] as const),
    ),
  );
}

test('each command is one of the admin function’s, or named as local; and each of the function’s is a command', async () => {
  const commands = await everyCommand();
  for (const [name, command] of commands) {
    if (local.includes(name)) continue;
    // These ask several commands, and others.
    if (name !== 'dns' && name !== 'doctor')
      assert.ok(adminCommands.has(name), `${name} is none of the admin function`);
    assert.ok(
      command.options.some(({ long, hidden }) => long === '--stack' && !hidden),
      `${name} has no --stack`,
    );
  }
  for (const name of adminCommands.keys()) assert.ok(commands.has(name), `${name} is no command of posta`);
});

test('what works on a data directory only says so, and what to do instead', async () => {
  const { code, stderr } = await postaCommand(['import', 'ann@example.org', '.', '--stack', 'posta']);
  assert.equal(code, 1);
  assert.match(stderr, /^error: posta import works on a data directory only\. Into a deployment, .*IMAP/);
});

test('what keeps a deployment from being asked is said in a sentence', async () => {
  const nothing = { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null', HOME: '/nonexistent' };
  const none = { AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
  const ask = (env: Record<string, string>) =>
    postaCommand(['account', 'list', '--stack', 'posta'], { env: { ...nothing, ...none, ...env } });
  assert.match((await ask({})).stderr, /^error: no AWS region is set\. Set AWS_REGION/);
  assert.match(
    (await ask({ AWS_REGION: 'us-east-1' })).stderr,
    /^error: there are no AWS credentials: .*AWS_PROFILE/,
  );
  const away = await ask({
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_MAX_ATTEMPTS: '1',
  });
  assert.match(
    away.stderr,
    /^error: the function posta-admin in us-east-1 could not be asked: .*ECONNREFUSED/,
  );
  assert.equal(away.code, 1);
});

test('the deployment may stand before the command, and a nearer place wins over the environment', async () => {
  const env = {
    AWS_REGION: '',
    AWS_DEFAULT_REGION: '',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const said = async (args: readonly string[], more: Record<string, string> = {}) =>
    (await postaCommand(args, { env: { ...env, ...more } })).stderr;
  const asked = /^error: no AWS region is set/;
  assert.match(await said(['--stack', 'posta', 'account', 'list']), asked);
  assert.match(await said(['account', 'list', '--stack', 'posta']), asked);
  assert.match(await said(['account', 'list'], { POSTA_STACK: 'posta' }), asked);
  const data = ['--data', '/nonexistent/posta'];
  assert.match(
    await said(['account', 'list', ...data], { POSTA_STACK: 'posta' }),
    /there is no data directory/,
  );
  assert.match(await said(['account', 'list', '--stack', 'posta', ...data]), /name two places: give one/);
  const both = { POSTA_STACK: 'posta', POSTA_DATA: '/nonexistent/posta' };
  assert.match(await said(['account', 'list'], both), /the environment names two places/);
  assert.match(await said(['account', 'list', '--stack', 'posta'], both), asked);
  assert.match(await said(['account', 'list', '--stack', 'Posta!']), /Write the stage of a deployment/);
});

test('what works on a data directory only does not go there where the environment means a deployment', async () => {
  const env = { POSTA_STACK: 'posta' };
  for (const args of [['export', 'ann@example.org', 'there'], ['restored']])
    assert.match((await postaCommand(args, { env })).stderr, /works on a data directory only\./);
  assert.match(
    (await postaCommand(['--stack', 'posta', 'restored'])).stderr,
    /works on a data directory only\./,
  );
  assert.match((await postaCommand(['--stack', 'posta', 'serve'])).stderr, /works on this machine only/);
});
