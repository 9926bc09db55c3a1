/** Commands beside a server that runs: it knows at its next session what they did. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { messagesOf } from '../../end-to-end/maildrop.ts';
import { postaCommand, TestPosta } from '../../end-to-end/posta.ts';

test('an import and a new password are seen by the next POP3 session of a running server', async () => {
  await using posta = await TestPosta.start({ accounts: { 'ann@example.test': 'the first password' } });
  const user = 'ann@example.test';
  assert.deepEqual(await messagesOf(posta, { user, password: 'the first password' }, 0), []);
  const path = join(posta.dataDir, 'old.eml');
  await writeFile(path, 'Subject: from before\n\nOld mail.\n');
  assert.match(await posta.run('import', user, path), /1 added, 0 there already, 0 failed/);
  const changed = await postaCommand(
    ['account', 'password', user, '--password-stdin', '--data', posta.dataDir],
    {
      input: 'the second password\n',
    },
  );
  assert.equal(changed.code, 0);
  const messages = await messagesOf(posta, { user, password: 'the second password' }, 1);
  assert.deepEqual(messages.map(String), ['Subject: from before\r\n\r\nOld mail.\r\n']);
  await assert.rejects(messagesOf(posta, { user, password: 'the first password' }, 1));
  const restored = await postaCommand(['restored', '--data', posta.dataDir]);
  assert.match(restored.stderr, /^error: posta serve \(process \d+\) runs on .*\. Stop it first\n$/);
});
