/** The templates of every profile, as cfn-lint sees them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { installCfnLint } from '../emulators/install.ts';
import { appOf } from './synthesised.ts';

const run = promisify(execFile);

/** What the CDK itself writes, with the reason why it may. */
const ignored = {
  W3005:
    'a function says that it depends on its role, though it names it: it waits for the policies of the role so',
};

const profiles = {
  single: { hostedZoneId: 'Z0123456789' },
  compact: {},
  standard: {
    hostedZoneId: 'Z0123456789',
    nextHop: 'mx',
    moreDomains: 'example.net',
    alarmMail: 'a@example.net',
  },
} as const;

for (const [profile, more] of Object.entries(profiles))
  test(`cfn-lint finds nothing in the templates of ${profile}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'posta-templates-'));
    try {
      appOf(profile as keyof typeof profiles, more, folder).synth();
      const templates = (await readdir(folder)).filter((name) => name.endsWith('.template.json'));
      assert.equal(templates.length, 5);
      const python = join(await installCfnLint(), 'bin', 'python');
      const files = templates.map((name) => join(folder, name));
      // It exits with what it found: then this rejects, and shows it.
      const { stdout } = await run(python, [
        ...['-c', 'from cfnlint.runner import main; main()', '--format', 'parseable'],
        ...['-i', ...Object.keys(ignored), '--', ...files],
      ]);
      assert.equal(stdout, '');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
