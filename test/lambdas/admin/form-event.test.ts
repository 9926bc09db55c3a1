/** Forms of the console: texts become a command's input, refusals end the runbook, and no password stays in its history. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formEvent, isFormEvent } from '../../../lambdas/admin/form-event.ts';
import { forms } from '../../../lambdas/admin/forms.ts';
import { adminCommands, type AdminPorts } from '../../../lambdas/admin/registry.ts';
import type { Secret } from '../../../mail/auth/secret.ts';
import { directoryKit } from '../../mail/directory/directory-kit.ts';

async function formKit() {
  const kit = await directoryKit('example.test');
  const kept: { readonly password: string; readonly what: string }[] = [];
  const keep = async (password: Secret, what: string) => {
    kept.push({ password: password.reveal(), what });
    return `/test/new-passwords/${kept.length}`;
  };
  const send = formEvent(kit.ports as unknown as AdminPorts, { keep });
  const fill = (form: string, fields: Readonly<Record<string, string>>) =>
    send({ form, fields }) as Promise<Record<string, unknown>>;
  return { kept, fill, [Symbol.asyncDispose]: () => kit[Symbol.asyncDispose]() };
}

test('an account is made, and its password is put where only the admin reads it', async () => {
  await using kit = await formKit();
  const made = await kit.fill('add-account', { address: ' anna@example.test ', quotaBytes: '2 GB' });
  assert.equal((made['account'] as { quotaBytes: number }).quotaBytes, 2 * 2 ** 30);
  assert.equal(made['passwordParameter'], '/test/new-passwords/1');
  const [kept] = kit.kept;
  assert.equal(kept?.what, 'Add an account: anna@example.test');
  assert.ok(kept !== undefined && kept.password.length > 10);
  assert.doesNotMatch(JSON.stringify(made), new RegExp(kept.password));
});

test('lists have commas, "none" is no limit, what stays empty is not said', async () => {
  await using kit = await formKit();
  await kit.fill('add-account', { address: 'anna@example.test', quotaBytes: '' });
  const { account } = (await kit.fill('set-quota', { address: 'anna@example.test', quotaBytes: 'none' })) as {
    account: { quotaBytes: unknown };
  };
  assert.equal(account.quotaBytes, null);
  await kit.fill('add-alias', {
    address: 'team@example.test',
    targets: 'anna@example.test, ben@example.test',
    allowMissing: 'yes',
  });
  const set = await kit.fill('set-domain', {
    domain: 'example.test',
    catchAll: 'anna@example.test',
    status: '-',
  });
  assert.equal((set['domain'] as { status: string }).status, 'active');
  const listed = JSON.stringify(await kit.fill('list-aliases', { domain: '', after: '' }));
  assert.match(listed, /anna@example\.test.*ben@example\.test/);
});

test('what a command refuses, and what cannot be read, ends the runbook with what to do', async () => {
  await using kit = await formKit();
  await assert.rejects(kit.fill('add-account', { address: 'anna@elsewhere.test' }), /elsewhere\.test/);
  await assert.rejects(
    kit.fill('add-account', { address: 'anna@example.test', quotaBytes: 'much' }),
    /Quota: write a size such as/,
  );
  await assert.rejects(kit.fill('make-tea', {}), /There is no form make-tea/);
  assert.ok(isFormEvent({ form: 'x' }) && !isFormEvent({ command: 'x' }) && !isFormEvent(null));
});

test('every form stands for a command, each once, and no form takes a password', () => {
  assert.equal(new Set(forms.map(({ name }) => name)).size, forms.length);
  assert.equal(new Set(forms.map(({ command }) => command)).size, forms.length);
  for (const { command, fields } of forms) {
    assert.ok(adminCommands.has(command), command);
    assert.equal(new Set(fields.map(({ label }) => label)).size, fields.length);
    assert.ok(!fields.some(({ name }) => name === 'password'));
  }
  // What forms leave out.
  const without = [...adminCommands.keys()].filter((name) => !forms.some(({ command }) => command === name));
  assert.deepEqual(without, ['alias refuse']);
});

test('every field of a form is one that its command takes', async () => {
  await using kit = await formKit();
  const values = { text: 'x@example.test', list: 'x@example.test', bytes: '1 MB', yesNo: 'yes' };
  for (const { name, fields } of forms) {
    const filled = Object.fromEntries(
      fields.map((field) => [
        field.name,
        field.kind === 'choice' ? (field.choices?.[0] ?? '') : values[field.kind],
      ]),
    );
    const said = await kit.fill(name, filled).then(
      () => '',
      (fault: Error) => fault.message,
    );
    assert.doesNotMatch(
      said,
      /The input is not as the command wants it.*(unrecognized|Unrecognized)/is,
      name,
    );
  }
});
