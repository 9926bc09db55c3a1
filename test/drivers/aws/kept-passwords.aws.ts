import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ParameterPasswords } from '../../../drivers/aws/kept-passwords.ts';

test('a new password is read once by name, encrypted, and goes when it is old', async () => {
  const client = new SSMClient();
  const passwords = new ParameterPasswords({ client, path: `/${randomUUID()}/new-passwords/` });
  const name = await passwords.keep({ reveal: () => 'correct horse' }, 'Add an account: "anna"@example.test');
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  assert.deepEqual([Parameter?.Value, Parameter?.Type], ['correct horse', 'SecureString']);
  assert.equal(await passwords.removeOlderThan(new Date(Date.now() - 60_000)), 0);
  for (let more = 0; more < 12; more++) await passwords.keep({ reveal: () => 'x' }, 'one of many');
  assert.equal(await passwords.removeOlderThan(new Date(Date.now() + 60_000)), 13);
  await assert.rejects(client.send(new GetParameterCommand({ Name: name })), { name: 'ParameterNotFound' });
});
