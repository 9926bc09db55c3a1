/**
 * Why something is as a rule of the nag packs (cdk-nag) would not have it, said beside it. The test of the packs takes
 * nothing that is not explained, and no explanation that nothing needs.
 */
import type { IConstruct } from 'constructs';

/** Of construct metadata. */
export const explainedKey = 'posta:explained';

export interface Explanation {
  /** Such as `AwsSolutions-IAM5`. */
  readonly rule: string;
  /** Which findings it explains, where a rule has several: `Resource::…`, `Action::…`. */
  readonly finding?: RegExp;
  readonly because: string;
}

/** Counts for the construct and all within it. */
export function explain(construct: IConstruct, ...explanations: readonly Explanation[]): void {
  for (const explanation of explanations) construct.node.addMetadata(explainedKey, explanation);
}
