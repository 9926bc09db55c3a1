/** The directions of imports that docs/decisions/0001-structure.md sets: who may know whom. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const places = ['bin', 'lib', 'containers', 'lambdas', 'mail', 'drivers'].filter((place) =>
  existsSync(join(root, place)),
);

interface Source {
  readonly path: string;
  readonly text: string;
  /** As resolved from the root for our own files, else as written. */
  readonly imports: readonly string[];
}

function sources(): Source[] {
  return places.flatMap((place) =>
    readdirSync(join(root, place), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => {
        const path = join(entry.parentPath, entry.name).slice(root.length + 1);
        const text = readFileSync(join(root, path), 'utf8');
        const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name = '']) =>
          name.startsWith('.') ? normalize(join(dirname(path), name)) : name,
        );
        return { path, text, imports };
      }),
  );
}

const files = sources();
const composed = (path: string) =>
  path.startsWith('bin/') || /^(lambdas|containers)\/[^/]+\/(main|handler)\.ts$/.test(path);

/** The files under `where` that import something `forbidden` says they must not. */
function breaches(where: (path: string) => boolean, forbidden: (imported: string) => boolean): string[] {
  return files
    .filter(({ path }) => where(path))
    .flatMap(({ path, imports }) => imports.filter(forbidden).map((name) => `${path} imports ${name}`));
}

const ours = (name: string) => places.some((place) => name.startsWith(`${place}/`));
const within = (...folders: string[]) => {
  return (path: string) => folders.some((folder) => path.startsWith(`${folder}/`));
};

test('mail/message and mail/wire import nothing of ours but their own', () => {
  for (const folder of ['mail/message', 'mail/wire'])
    assert.deepEqual(
      breaches(within(folder), (name) => ours(name) && !name.startsWith(`${folder}/`)),
      [],
    );
});

test('the domain knows no driver, container, Lambda, program or stack', () => {
  assert.deepEqual(
    breaches(within('mail'), (name) => ours(name) && !name.startsWith('mail/')),
    [],
  );
});

test('drivers import only ports of ours', () => {
  assert.deepEqual(
    breaches(
      within('drivers'),
      (name) => ours(name) && !name.startsWith('mail/ports/') && !name.startsWith('drivers/'),
    ),
    [],
  );
});

test('sockets are opened only by the listener runtime, drivers/system and the embedded bus', () => {
  const allowed = (path: string) =>
    within('containers/listener', 'drivers/system')(path) ||
    path === 'drivers/embedded/bus.ts' ||
    // Whom acme-client trusts.
    path === 'drivers/acme/acme-authority.ts';
  assert.deepEqual(
    breaches(
      (path) => !allowed(path),
      (name) => ['node:net', 'node:tls', 'node:dgram', 'node:http', 'node:https'].includes(name),
    ),
    [],
  );
});

test('the AWS SDK is known only to drivers/aws and where a program is composed', () => {
  assert.deepEqual(
    breaches(
      (path) => !within('drivers/aws')(path) && !composed(path),
      (name) => name.startsWith('@aws-sdk/') || name.startsWith('@smithy/'),
    ),
    [],
  );
});

test('the environment is read only where a program is composed', () => {
  assert.deepEqual(
    files.filter(({ path, text }) => !composed(path) && text.includes('process.env')).map(({ path }) => path),
    [],
  );
});

test('protocols do not know one another', () => {
  const protocols = ['smtp', 'pop3', 'imap'];
  for (const protocol of protocols)
    assert.deepEqual(
      breaches(within(`mail/${protocol}`), (name) =>
        protocols.some((other) => other !== protocol && name.startsWith(`mail/${other}/`)),
      ),
      [],
    );
});

test('what runs in AWS knows no embedded driver', () => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const programs = files
    .map(({ path }) => path)
    .filter((path) => /^lambdas\/[^/]+\/handler\.ts$|^containers\/[^/]+\/main\.ts$/.test(path));
  assert.ok(programs.length >= 10);
  const queue = [...programs];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    queue.push(...(byPath.get(path)?.imports ?? []).filter((name) => byPath.has(name)));
  }
  assert.deepEqual(
    [...seen].filter((path) => path.startsWith('drivers/embedded/')),
    [],
  );
});
