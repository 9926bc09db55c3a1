/** What the nag packs (cdk-nag) say of each profile is nothing that is not explained, and every explanation is needed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Validations,
  type App,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyViolation,
} from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { explainedKey, type Explanation } from '../../lib/explained.ts';
import { appOf } from './synthesised.ts';

/** Keeps what a pack reports instead of ending the synthesis. */
class Kept implements IPolicyValidationPlugin {
  readonly violations: PolicyViolation[] = [];
  readonly #pack: IPolicyValidationPlugin;
  constructor(pack: IPolicyValidationPlugin) {
    this.#pack = pack;
  }
  get name(): string {
    return this.#pack.name;
  }
  validate(context: IPolicyValidationContext): ReturnType<IPolicyValidationPlugin['validate']> {
    const { violations } = this.#pack.validate(context);
    this.violations.push(...violations);
    return { success: true, violations: [] };
  }
}

interface Finding {
  readonly rule: string;
  readonly finding: string;
  readonly path: string;
}

function findingsIn(app: App): readonly Finding[] {
  const packs = [new AwsSolutionsChecks(app), new ServerlessChecks(app)].map((pack) => new Kept(pack));
  Validations.of(app).addPlugins(...packs);
  app.synth();
  return packs
    .flatMap(({ violations }) => violations)
    .flatMap(({ ruleName, violatingResources }) => {
      const [, rule = '', finding = ''] = /^(.*?)(?:\[(.*)\])?$/s.exec(ruleName) ?? [];
      return violatingResources.map(({ constructPath: path = '' }) => ({ rule, finding, path }));
    });
}

interface Explained extends Explanation {
  readonly path: string;
}

function explanationsIn(scope: IConstruct): readonly Explained[] {
  return scope.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === explainedKey)
        .map(({ data }) => ({ ...(data as Explanation), path: node.path })),
    );
}

function explains({ rule, finding, path }: Explained, found: Finding): boolean {
  return (
    found.rule === rule && `${found.path}/`.startsWith(`${path}/`) && (finding?.test(found.finding) ?? true)
  );
}

test('the packs find nothing that is not explained, and nothing is explained that they do not find', () => {
  const unneeded: string[] = [];
  for (const profile of ['single', 'compact', 'standard'] as const) {
    const app = appOf(profile);
    const explanations = explanationsIn(app);
    const findings = findingsIn(app);
    const unexplained = findings.filter((found) => !explanations.some((each) => explains(each, found)));
    assert.deepEqual(unexplained, [], profile);
    for (const each of explanations)
      if (!findings.some((found) => explains(each, found)))
        unneeded.push(`${profile} ${each.path} ${each.rule} ${each.finding?.source ?? ''}`);
    assert.ok(findings.length > 50);
  }
  assert.deepEqual(unneeded, []);
});
