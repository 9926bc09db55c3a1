/** What is left out of the templates, by `-c leaveOut=…`: for an emulator of CloudFormation that does not know it. */
import { Aspects, CfnResource, type App, type IAspect } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Resources by type, as in a template: `AWS::EC2::SecurityGroupIngress`. Nothing else may refer to them. */
export function leaveOut(app: App): void {
  const names = leftOut(app);
  if (names.size > 0) Aspects.of(app).add(new LeaveOut(names));
}

/** For an attribute, `AWS::SES::EmailIdentity.DkimDNSTokenName1`: who refers to it asks. */
export function isLeftOut(scope: IConstruct, name: string): boolean {
  return leftOut(scope).has(name);
}

function leftOut(scope: IConstruct): ReadonlySet<string> {
  const names: unknown = scope.node.tryGetContext('leaveOut');
  return new Set(typeof names === 'string' ? names.split(',') : []);
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
