/** `posta --stack` against what was deployed: commands by the admin function, the doctor by the services themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../mail/doctor/finding.ts';
import { postaCommand } from '../end-to-end/posta.ts';

const stack = ['--stack', 'posta'];
/** Its DNS is nobody's (RFC 2606). */
const domain = 'doctor.invalid';

async function posta(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await postaCommand([...stack, ...args]);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

test('accounts, aliases, the queue and traces, as on one machine', async () => {
  assert.match(await posta('domain', 'add', domain), /^doctor\.invalid is added\./);
  assert.match(await posta('account', 'add', `ann@${domain}`, '--quota', '5G'), /shown only now: \S+\n$/);
  assert.match(await posta('alias', 'add', `info@${domain}`, `ann@${domain}`), /leads to ann@/);
  assert.match(await posta('account', 'list', '--domain', domain), /\nann@doctor\.invalid +active +0 /);
  await posta('queue', 'list');
  const traced = await postaCommand([...stack, 'message', 'trace', '5e884898da28047151d0']);
  assert.match(traced.stderr, /^error: Nothing is known of a message/);
  assert.match(await posta('dns', domain), /\ndoctor\.invalid\. 3600 IN MX 10 mail\.example\.org\.\n/);
});

test('the doctor sees Amazon SES, every queue, and what could not be followed up', async () => {
  const { stdout, stderr } = await postaCommand([...stack, 'doctor', '--offline', '--json']);
  assert.equal(stderr, '');
  const findings = JSON.parse(stdout) as readonly Finding[];
  const of = (what: string) => findings.find((finding) => finding.what === what);
  const queues = ['route', 'deliver', 'deliver-aside', 'relay', 'feedback'].map((name) => `queue ${name}`);
  for (const what of [...queues, 'mail for other servers', 'changes that could not be followed up'])
    assert.equal(of(what)?.area, 'queues', what);
  assert.match(of(`Amazon SES, identity ${domain}`)?.found ?? '', /does not know it/);
  assert.ok(of('Amazon SES, sending'));
  assert.deepEqual(
    findings.filter(({ found }) => found.startsWith('not known')),
    [],
  );
  await posta('domain', 'remove', domain, '--force');
});
