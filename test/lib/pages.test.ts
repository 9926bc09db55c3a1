/** Every alarm and every runbook has its page, and the pages of runbooks are what the forms say. `UPDATE_PAGES=1` writes them. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { format } from 'prettier';
import { runbookList, runbookPages } from '../../lib/operations/runbook-pages.ts';
import prettierRc from '../../.prettierrc.json' with { type: 'json' };
import { resourcesOf, synthesised } from './synthesised.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'operate');
const markdown = (text: string) => format(text, { ...(prettierRc as object), parser: 'markdown' });
const { operations } = synthesised('standard');

test('every alarm names a page that is there, and every page is in the index', () => {
  const index = readFileSync(join(folder, 'README.md'), 'utf8');
  const alarms = resourcesOf(operations, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  assert.ok(alarms.length > 20);
  for (const { AlarmDescription, AlarmActions, AlarmName } of alarms) {
    const said = JSON.stringify(AlarmDescription);
    const [, page = ''] = /docs\/operate\/([a-z-]+\.md)/.exec(said) ?? [];
    assert.match(said, /console\.aws\.amazon\.com\/(cloudwatch|systems-manager)/, String(AlarmName));
    assert.match(readFileSync(join(folder, page), 'utf8'), /## Look\n[^]*## Do\n/, String(AlarmName));
    assert.ok(index.includes(`(${page})`), page);
    assert.ok(Array.isArray(AlarmActions) && AlarmActions.length === 1, String(AlarmName));
  }
});

test('every runbook has its page, as its form says', async () => {
  const documents = resourcesOf(operations, 'AWS::SSM::Document').map(({ Properties }) =>
    String(Properties['Name']),
  );
  const pages = runbookPages();
  assert.deepEqual(
    documents.map((name) => `${name.replace(/^posta-/, '')}.md`).toSorted((a, b) => a.localeCompare(b)),
    [...pages.keys()].toSorted((a, b) => a.localeCompare(b)),
  );
  for (const [name, text] of pages) {
    const path = join(folder, 'runbooks', name);
    const wanted = await markdown(text);
    if (process.env['UPDATE_PAGES'] === '1') writeFileSync(path, wanted);
    assert.equal(readFileSync(path, 'utf8'), wanted, `${name}: run this test with UPDATE_PAGES=1`);
  }
  const index = readFileSync(join(folder, 'README.md'), 'utf8');
  assert.ok(index.includes(runbookList()), 'the index of docs/operate lacks a runbook');
});

test('a runbook asks for what its form has, and sends it to the admin function as texts', () => {
  const [add] = resourcesOf(operations, 'AWS::SSM::Document')
    .map(({ Properties }) => Properties)
    .filter(({ Name }) => Name === 'posta-add-account');
  const { parameters, mainSteps, assumeRole } = (add?.['Content'] ?? {}) as {
    parameters: Record<string, { type: string; default?: string }>;
    mainSteps: readonly { action: string; inputs: { InputPayload: unknown } }[];
    assumeRole: unknown;
  };
  assert.deepEqual(Object.keys(parameters), ['Address', 'Quota']);
  assert.equal(parameters['Quota']?.default, '');
  assert.deepEqual(mainSteps[0]?.inputs.InputPayload, {
    form: 'add-account',
    fields: { address: '{{ Address }}', quotaBytes: '{{ Quota }}' },
  });
  assert.ok(assumeRole !== undefined);
});
