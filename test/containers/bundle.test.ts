/** What the image copies. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundleContainers, programs } from '../../containers/bundle.ts';

const maxBytes = 20 * 2 ** 20;

test('the bundle is small, whole, and knows no embedded driver', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'posta-bundle-'));
  t.after(() => rm(folder, { recursive: true }));
  const { inputs, outputs } = await bundleContainers(folder);
  const bytes = Object.values(outputs).reduce((sum, { bytes: each }) => sum + each, 0);
  assert.ok(bytes < maxBytes, `${bytes} bytes`);
  for (const name of programs)
    assert.ok(
      Object.keys(outputs).some((path) => path.endsWith(`/${name}.mjs`)),
      name,
    );
  const embedded = Object.keys(inputs).filter((path) =>
    /drivers\/embedded|node_modules\/(?:lmdb|msgpackr)/.test(path),
  );
  assert.deepEqual(embedded, []);
  const external = Object.values(outputs).flatMap(({ imports }) =>
    imports
      .filter(({ external: outside, path }) => outside === true && !path.startsWith('node:'))
      .map(({ path }) => path),
  );
  // Node's own modules, under their old names.
  const { builtinModules } = await import('node:module');
  assert.deepEqual(
    [...new Set(external)].filter((path) => !builtinModules.includes(path)),
    [],
  );
});

test('the Dockerfile only copies, and runs without rights to write', async () => {
  const text = await readFile(join(import.meta.dirname, '../../containers/Dockerfile'), 'utf8');
  assert.doesNotMatch(text, /^RUN /m);
  assert.match(text, /^FROM node:24\.\d+\.\d+-slim$/m);
  assert.match(text, /^USER node$/m);
  assert.match(text, /^COPY --chown=node:node dist\/containers\/scratch\/ \/scratch\/$/m);
  assert.match(text, /^VOLUME \/scratch$/m);
});
