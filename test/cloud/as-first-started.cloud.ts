/** The first start of a deployment, whose secret has no certificate yet: mail comes in all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runClient } from '../clients/run.ts';
import { startContainer } from '../containers/as-image.ts';
import { askAdmin } from './admin.ts';
import { containerOf } from './deployed.ts';
import { startForwarder } from './forwarder.ts';

test('a listener without a certificate starts with one signed by itself, says so, and takes mail', async () => {
  await askAdmin('domain add', { domain: 'first.example.org' });
  await askAdmin('account add', { address: 'ann@first.example.org' });
  const { command, environment } = await containerOf('posta-smtp');
  await using task = await startContainer({ command, environment, portBase: 20_000 });
  await using forwarder = await startForwarder(new Map([[25, () => [task]]]));
  assert.match(task.output(), /"tls\.certificateMissing"/);
  const sent = await runClient('swaks', [
    ...['--server', '127.0.0.1', '--port', String(forwarder.port(25)), '--tls'],
    ...['--from', 'someone@elsewhere.test', '--to', 'ann@first.example.org', '--body', 'Hello'],
  ]);
  assert.equal(sent.code, 0, sent.stdout + sent.stderr);
  assert.match(sent.stdout, /CN=mail\.example\.org/);
});
