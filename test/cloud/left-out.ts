/** What the emulator's CloudFormation does not know, and so is left out of what is deployed there. */
export const leftOut: Readonly<Record<string, string>> = {
  'AWS::EC2::SecurityGroupIngress': 'it knows only rules that stand in the group itself',
  'AWS::EC2::SecurityGroupEgress': 'the same',
};
