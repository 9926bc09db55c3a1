/** Bundles the containers' programs: what the image copies, and nothing else is in it. Run before the image is built. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** The programs, each `<name>.mjs`; which of them a container runs is its command. */
export const programs = ['smtp', 'imap', 'pop3', 'all', 'relay', 'health-check'] as const;

const here = import.meta.dirname;
export const bundleFolder = join(here, '..', 'dist', 'containers');

/** Some libraries are CommonJS, and ask for Node's own modules by `require`. */
const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** What they share is in files of its own. */
export async function bundleContainers(outdir = bundleFolder): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: Object.fromEntries(programs.map((name) => [name, join(here, name, 'main.ts')])),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minify: true,
    keepNames: true,
    legalComments: 'linked',
    banner: { js: banner },
    metafile: true,
    logLevel: 'warning',
  });
  // The image's own folder for what does not fit into memory: a volume mounted there belongs to who owns it.
  await mkdir(join(outdir, 'scratch'));
  await writeFile(join(outdir, 'scratch', '.keep'), '');
  return metafile;
}

if (import.meta.main) {
  const { outputs } = await bundleContainers();
  const bytes = Object.values(outputs).reduce((sum, { bytes: each }) => sum + each, 0);
  process.stdout.write(
    `Bundled ${programs.join(', ')}: ${(bytes / 2 ** 20).toFixed(1)} MB in dist/containers\n`,
  );
}
