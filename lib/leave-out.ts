/** Resources that are left out of the templates: for an emulator of CloudFormation that does not know their types. */
import { Aspects, CfnResource, type IAspect } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

/** `types` as in a template: `AWS::EC2::SecurityGroupIngress`. Nothing else may refer to them. */
export function leaveOut(scope: Construct, types: ReadonlySet<string>): void {
  if (types.size > 0) Aspects.of(scope).add(new LeaveOut(types));
}

class LeaveOut implements IAspect {
  readonly #types: ReadonlySet<string>;
  constructor(types: ReadonlySet<string>) {
    this.#types = types;
  }

  visit(node: IConstruct): void {
    if (node instanceof CfnResource && this.#types.has(node.cfnResourceType))
      node.node.scope?.node.tryRemoveChild(node.node.id);
  }
}
