/** The `posta` command as an admin types it: what it prints, how it ends, and what it says when something is wrong. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { postaCommand, type CommandResult } from '../end-to-end/posta.ts';

const program = join(import.meta.dirname, '../../bin/posta.ts');
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posta-commands-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** On the directory that the tests share. */
function posta(args: readonly string[], input?: string): Promise<CommandResult> {
  const env = { POSTA_DATA: join(folder, 'data') };
  return postaCommand(args, { env, cwd: folder, ...(input === undefined ? {} : { input }) });
}

async function succeeds(args: readonly string[], input?: string): Promise<string> {
  const result = await posta(args, input);
  assert.deepEqual({ code: result.code, stderr: result.stderr }, { code: 0, stderr: '' }, args.join(' '));
  return result.stdout;
}

/** One line on the standard error, exit code 1, and nothing else. */
async function fails(args: readonly string[], message: RegExp, input?: string): Promise<void> {
  const result = await posta(args, input);
  assert.match(result.stderr, message);
  assert.match(result.stderr, /^error: [^\n]+\n$/);
  assert.doesNotMatch(result.stderr, /\n {4}at /);
  assert.deepEqual({ code: result.code, stdout: result.stdout }, { code: 1, stdout: '' }, args.join(' '));
}

const json = async (...args: readonly string[]): Promise<unknown> =>
  JSON.parse(await succeeds([...args, '--json']));

test('a command on a data directory that is not there makes none, and says how to get one', async () => {
  await fails(
    ['account', 'list'],
    /there is no data directory .*\/data\. Name the right one with --data, or make it with posta serve or/,
  );
  assert.deepEqual(await readdir(folder), []);
});

test('domains, accounts, aliases and app passwords are added, shown, changed and removed', async (t) => {
  await t.test('a domain is added, and its catch-all and postmaster are set', async () => {
    assert.match(await succeeds(['domain', 'add', 'Example.TEST']), /^example\.test is added\./);
    await succeeds(
      ['account', 'add', 'ann@example.test', '--password-stdin', '--quota', '5G'],
      'a long password\n',
    );
    const shown = await succeeds([
      'domain',
      'set',
      'example.test',
      '--catch-all',
      'ann@example.test',
      '--postmaster',
      'ann@example.test',
    ]);
    assert.match(
      shown,
      /^DOMAIN +STATUS +CATCH-ALL +POSTMASTER\nexample\.test +active +ann@example\.test +ann@example\.test\n$/,
    );
    const [domain] = (await json('domain', 'list')) as Record<string, unknown>[];
    assert.deepEqual([domain?.['domain'], domain?.['catchAll']], ['example.test', 'ann@example.test']);
  });

  await t.test('an account without a password gets one, shown once, and never again', async () => {
    const added = await succeeds(['account', 'add', 'bob@example.test']);
    const password = /^bob@example\.test is added\.\nIts password, shown only now: (\S+)\n$/.exec(added)?.[1];
    assert.ok(password);
    await succeeds(['alias', 'add', 'info@example.test', 'ann@example.test', 'bob@example.test']);
    const made = (await json(
      'credential',
      'add',
      'bob@example.test',
      'phone',
      '--scope',
      'pop3',
      'send',
    )) as Record<string, unknown>;
    assert.equal(typeof made['password'], 'string');
    const shown = await json('account', 'show', 'bob@example.test');
    assert.partialDeepStrictEqual(shown, {
      address: 'bob@example.test',
      status: 'active',
      quotaBytes: null,
      aliases: ['info@example.test'],
      credentials: [{ name: 'phone', scopes: ['send', 'pop3'], lastUsedAt: null }],
    });
    for (const secret of [password, made['password'], 'verifier', 'scrypt'])
      assert.ok(!JSON.stringify(shown).includes(String(secret)));
  });

  await t.test('the list is a table for people, and goes on into a pipe that ends early', async () => {
    const table = await succeeds(['account', 'list']);
    assert.match(
      table,
      /^ADDRESS +STATUS +MESSAGES +USED +QUOTA\nann@example\.test +active +0 +0 bytes +5\.0 GB\nbob@/,
    );
    const child = spawn(process.execPath, [program, 'account', 'list', '--data', join(folder, 'data')]);
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  });

  await t.test('what is taken away says what hangs on it', async () => {
    await fails(
      ['account', 'remove', 'ann@example.test'],
      /gets the mail of all other addresses of example\.test\. Name another first/,
    );
    await fails(
      ['domain', 'remove', 'example.test'],
      /has accounts or aliases\. Remove them first, or with all/,
    );
    assert.match(
      await succeeds(['account', 'remove', 'bob@example.test']),
      /^bob@example\.test is removed\.\ninfo@example\.test still sends its mail there/,
    );
  });
});

test('mail is imported, a repeat adds nothing, and export writes a Maildir', async () => {
  await mkdir(join(folder, 'mail'));
  await writeFile(join(folder, 'mail/a.eml'), 'Subject: a\n\nA\n');
  await writeFile(join(folder, 'mail/b.eml'), '');
  const first = await posta(['import', 'ann@example.test', 'mail']);
  assert.equal(first.code, 1);
  assert.equal(
    first.stdout,
    `Importing a folder of messages into ann@example.test\n1 added, 0 there already, 1 failed\n  mail/b.eml: it is empty\n`,
  );
  assert.equal(
    first.stderr,
    'error: 1 message was not imported. Mend what is said above and run the same command again\n',
  );
  assert.deepEqual(await json('import', 'ann@example.test', 'mail/a.eml'), {
    added: 0,
    known: 1,
    failed: [],
    full: false,
  });
  assert.match(
    await succeeds(['export', 'ann@example.test', 'out']),
    /^1 written to out, 0 there already\n$/,
  );
  assert.equal((await readdir(join(folder, 'out/cur'))).length, 1);
});

test('what was typed wrong is answered with one line that says what to type', async () => {
  await fails(['acount', 'list'], /unknown command 'acount' \(Did you mean account\?\) See posta --help/);
  await fails(['account', 'lst'], /unknown command 'lst' \(Did you mean list\?\) See posta account --help/);
  await fails(['account', 'add'], /missing required argument 'address'\. See posta account add --help/);
  await fails(
    ['account', 'add', 'eve@example.test', '--quota', '5X'],
    /Write a size such as 200M or 5G\. See posta account add --help/,
  );
  await fails(
    ['account', 'add', 'eve@example.test', '--password-stdin'],
    /standard input holds no password/,
    '',
  );
});

test('a server that cannot start says why and what to do', async () => {
  await fails(
    ['serve', '--data', join(program, 'data')],
    /cannot be made: a part of its path is a file\. Name another/,
  );
  await fails(
    ['serve', '--tls-cert', 'nowhere.pem', '--tls-key', 'nowhere.pem'],
    /nowhere\.pem cannot be used/,
  );
});

test('every command explains itself with an example, reached through a link and from another folder', async () => {
  await symlink(program, join(folder, 'posta'));
  const { postaProgram } = await import('../../bin/program.ts');
  const names = [
    'serve',
    'domain',
    'account',
    'alias',
    'credential',
    'queue',
    'suppression',
    'message',
    'dns',
    'doctor',
    'import',
    'export',
    'restored',
  ];
  const commands = (await postaProgram(names)).commands.filter((command) => command.name() !== 'help');
  assert.deepEqual(
    commands.map((command) => command.name()),
    names,
  );
  for (const command of commands)
    for (const each of [command, ...command.commands]) {
      let text = '';
      each.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
      assert.match(text, /\nExamples?:\n {2}\S/, each.name());
      assert.ok(each.description() !== '', each.name());
    }
  const child = spawn(join(folder, 'posta'), ['help', 'account', 'add'], {
    cwd: folder,
    env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}` },
  });
  let help = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (help += text));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0);
  assert.match(help, /^Usage: posta account add \[options\] <address>/);
});
