/**
 * A deployed function outside the emulator: its code and environment as they were deployed, in a process of its own. For
 * one that speaks HTTPS to others: the emulator changes how its functions do that.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';

const run = promisify(execFile);
const timeoutMs = 60_000;

/** What it wrote; rejects with that where it fails. */
export async function runAsLambda(name: string): Promise<string> {
  const client = new LambdaClient();
  const { Code, Configuration } = await client.send(new GetFunctionCommand({ FunctionName: name }));
  client.destroy();
  const folder = await unpackCode(Code?.Location ?? '');
  try {
    const program = `require('./index.js').handler({}, {}).catch((fault) => { console.error(fault); process.exit(1); })`;
    const { stdout } = await run(process.execPath, ['-e', program], {
      cwd: folder,
      env: { ...process.env, ...Configuration?.Environment?.Variables },
      timeout: timeoutMs,
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The folder that a function's code was unpacked into; whoever asks removes it. */
export async function unpackCode(url: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'posta-lambda-'));
  const zip = join(folder, 'code.zip');
  const answer = await fetch(url);
  await writeFile(zip, Buffer.from(await answer.arrayBuffer()));
  await run('python3', ['-m', 'zipfile', '-e', zip, folder]);
  return folder;
}
