/** `posta --stack` with the real admin function behind an endpoint: what is printed, what is sent, and how often. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postaCommand, type CommandResult } from '../end-to-end/posta.ts';
import { functionEndpoint, type FunctionEndpoint, type OtherAnswer } from './function-endpoint.ts';

function posta(aws: FunctionEndpoint, args: readonly string[], input?: string): Promise<CommandResult> {
  const env = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    POSTA_STACK: 'posta',
  };
  return postaCommand(args, input === undefined ? { env } : { env, input });
}

test('commands print what they print on one machine, and refusals are the same', async () => {
  await using aws = await functionEndpoint();
  const succeeds = async (...args: readonly string[]) => {
    const result = await posta(aws, args);
    assert.deepEqual({ code: result.code, stderr: result.stderr }, { code: 0, stderr: '' }, args.join(' '));
    return result.stdout;
  };
  assert.match(await succeeds('domain', 'add', 'Example.TEST'), /^example\.test is added\. Its first/);
  assert.match(
    await succeeds('account', 'add', 'ann@example.test', '--quota', '5G'),
    /^ann@example\.test is added\.\nIts password, shown only now: \S+\n$/,
  );
  assert.match(
    await succeeds('account', 'list'),
    /^ADDRESS +STATUS +MESSAGES +USED +QUOTA\nann@example\.test +active +0 +0 bytes +5\.0 GB\n$/,
  );
  const made = JSON.parse(
    await succeeds('credential', 'add', 'ann@example.test', 'phone', '--scope', 'imap', '--json'),
  ) as Record<string, unknown>;
  assert.match(String(made['password']), /^[^[]{8,}$/);
  assert.match(await succeeds('domain', 'set', 'example.test', '--catch-all', 'ann@example.test'), /ann@/);
  assert.match(await succeeds('domain', 'set', 'example.test', '--catch-all', ''), /active/);
  assert.match(await succeeds('suppression', 'add', 'bob@elsewhere.test'), /gets no more mail from here/);
  assert.equal(await succeeds('queue', 'list'), 'Nothing waits for another server.\n');
  const again = await posta(aws, ['account', 'add', 'ann@example.test']);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^error: [^\n]*already[^\n]*\n$/);
  const traced = await posta(aws, ['message', 'trace', '5e884898da28047151d0']);
  assert.match(traced.stderr, /^error: Nothing is known of a message/);
});

test('a password goes to the function alone: not into its log, and not back', async () => {
  await using aws = await functionEndpoint();
  await posta(aws, ['domain', 'add', 'example.test']);
  const args = ['account', 'add', 'bob@example.test', '--password-stdin', '--json'];
  const { stdout } = await posta(aws, args, 'a very long password\n');
  assert.match(stdout, /bob@example\.test/);
  assert.ok(aws.events.some((event) => event.includes('"a very long password"')));
  assert.doesNotMatch(stdout + JSON.stringify(aws.log.lines), /long password/);
});

/** How often the function was asked, where it does not answer at first, and what was said. */
async function asked(
  answers: readonly OtherAnswer[],
): Promise<{ readonly times: number; readonly stderr: string }> {
  const left = [...answers];
  await using aws = await functionEndpoint({
    answer: (what) => (what === 'Invoke' ? left.shift() : undefined),
  });
  const { stderr } = await posta(aws, ['domain', 'list']);
  return { times: aws.events.length, stderr };
}

test('what may have been done is not asked for again; what was turned away is', async () => {
  const broken = await asked([{ status: 500, error: 'ServiceException', body: '{}' }]);
  assert.equal(broken.times, 1);
  assert.match(broken.stderr, /could not be asked: ServiceException/);
  const busy = { status: 429, error: 'TooManyRequestsException', body: '{}' };
  const updated = { status: 409, error: 'ResourceConflictException', body: '{}' };
  assert.deepEqual(await asked([busy, updated]), { times: 3, stderr: '' });
});

test('a right that is missing, old credentials and a function that is not ours are told apart', async () => {
  const denied = await asked([{ status: 403, error: 'AccessDeniedException', body: '{"Message": "no"}' }]);
  assert.match(
    denied.stderr,
    /does not let you: no\. It takes the right lambda:InvokeFunction on posta-admin/,
  );
  const old = await asked([{ status: 403, error: 'ExpiredTokenException', body: '{"message": "expired"}' }]);
  assert.match(old.stderr, /does not take these credentials: expired\. Sign in again/);
  assert.match((await asked([{ body: '"hello"' }])).stderr, /gave no answer that this posta knows/);
  assert.match((await asked([{ body: 'hello' }])).stderr, /gave no answer that this posta knows/);
});
