/** What was deployed is what the templates say: names, code, environment, event sources. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { GetFunctionCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { mustCdk } from './cdk.ts';
import { unpackCode } from './as-lambda.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, string>>;
}

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posta-synth-'));
  await mustCdk('synth', '-q', '-o', folder);
});
after(() => rm(folder, { recursive: true, force: true }));

function resourcesOf(stack: string, type: string): ReadonlyMap<string, Resource> {
  const template = JSON.parse(readFileSync(join(folder, `${stack}.template.json`), 'utf8')) as {
    Resources: Record<string, Resource>;
  };
  return new Map(Object.entries(template.Resources).filter(([, { Type }]) => Type === type));
}

test('every function has the name, the code, the limits and the environment of its template', async () => {
  const client = new LambdaClient();
  let seen = 0;
  for (const stack of ['posta-routing', 'posta-dns'])
    for (const { Properties, Metadata } of resourcesOf(stack, 'AWS::Lambda::Function').values()) {
      const FunctionName = String(Properties['FunctionName']);
      const { Configuration, Code } = await client.send(new GetFunctionCommand({ FunctionName }));
      const { Handler, Runtime, MemorySize, Timeout, Description } = Properties;
      assert.deepEqual(
        [Configuration?.Handler, Configuration?.Runtime, Configuration?.MemorySize, Configuration?.Timeout],
        [Handler, Runtime, MemorySize, Timeout],
        FunctionName,
      );
      assert.equal(Configuration?.Description, Description);
      const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
      const deployed = Configuration?.Environment?.Variables ?? {};
      assert.deepEqual(Object.keys(deployed).toSorted(), Object.keys(Variables).toSorted(), FunctionName);
      for (const [name, value] of Object.entries(Variables))
        if (typeof value === 'string') assert.equal(deployed[name], value, `${FunctionName} ${name}`);
        else assert.match(deployed[name] ?? '', /^(arn:|https?:|posta)/, `${FunctionName} ${name}`);
      const asset = join(folder, Metadata?.['aws:asset:path'] ?? '', 'index.js');
      const code = await unpackCode(Code?.Location ?? '');
      try {
        assert.ok(
          readFileSync(join(code, 'index.js')).equals(readFileSync(asset)),
          `${FunctionName}: the code`,
        );
      } finally {
        await rm(code, { recursive: true, force: true });
      }
      seen += 1;
    }
  client.destroy();
  assert.equal(seen, 9);
});

test('every event source of the templates is there, as it is described', async () => {
  const client = new LambdaClient();
  const { EventSourceMappings = [] } = await client.send(new ListEventSourceMappingsCommand({}));
  client.destroy();
  const shown = (each: Readonly<Record<string, unknown>>) =>
    [
      each['BatchSize'],
      each['BisectBatchOnFunctionError'] ?? false,
      each['FunctionResponseTypes'] ?? [],
    ].join();
  const wanted = [...resourcesOf('posta-routing', 'AWS::Lambda::EventSourceMapping').values()].map(
    ({ Properties }) => shown(Properties),
  );
  assert.deepEqual(
    EventSourceMappings.map((each) => shown({ ...each })).toSorted((one, other) => one.localeCompare(other)),
    wanted.toSorted((one, other) => one.localeCompare(other)),
  );
});
