/** Where an admin writes the settings: a typed file, or JSON, with the command line before both. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { givenSettings } from '../../lib/settings-file.ts';
import { readSettings } from '../../lib/settings.ts';

async function inFolder(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'posta-settings-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const nothing = () => undefined;

test('JSON is read, and what is on the command line comes first', async () => {
  const json = JSON.stringify({ domain: 'example.org', profile: 'standard', moreDomains: ['example.net'] });
  await inFolder({ 'posta.config.json': json }, async (folder) => {
    const given = await givenSettings((name) => (name === 'profile' ? 'compact' : undefined), folder);
    const { domain, profile, moreDomains, certificate } = readSettings(given);
    assert.deepEqual(
      [domain, profile, moreDomains, certificate],
      ['example.org', 'compact', ['example.net'], 'secret'],
    );
  });
});

test('a typed file is run, and what it exports is checked as well', async () => {
  const typed =
    "const domain: string = 'example.org';\nexport default { domain, hostedZoneId: 'Z0123456789' };\n";
  await inFolder({ 'posta.config.ts': typed }, async (folder) => {
    const settings = readSettings(await givenSettings(nothing, folder));
    assert.deepEqual([settings.hostname, settings.certificate], ['mail.example.org', 'acme']);
  });
  await inFolder(
    { 'posta.config.ts': "export default { domain: 'example.org', profil: 'x' };" },
    async (folder) => {
      const given = await givenSettings(nothing, folder);
      assert.throws(() => readSettings(given), /profil/);
    },
  );
});

test('what cannot be read is said, with what to do', async () => {
  await inFolder({ 'posta.config.json': '{' }, async (folder) => {
    await assert.rejects(givenSettings(nothing, folder), /posta\.config\.json is no JSON/);
  });
  await inFolder({ 'posta.config.ts': 'export const domain = 1;' }, async (folder) => {
    await assert.rejects(givenSettings(nothing, folder), /posta\.config\.ts exports no settings/);
  });
  await inFolder({ 'posta.config.ts': 'throw new Error("broken");' }, async (folder) => {
    await assert.rejects(givenSettings(nothing, folder), /posta\.config\.ts cannot be run: broken/);
  });
  const both = { 'posta.config.json': '{}', 'posta.config.ts': 'export default {};' };
  await inFolder(both, async (folder) => {
    await assert.rejects(givenSettings(nothing, folder), /keep one of them/);
  });
  await inFolder({}, async (folder) => {
    const given = await givenSettings(nothing, folder);
    assert.throws(() => readSettings(given), /domain: .*-c domain=example\.org/);
  });
});
