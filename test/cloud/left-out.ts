/** What the emulator's CloudFormation does not know, and so is left out of what is deployed there. */
export const leftOut: Readonly<Record<string, string>> = {
  'AWS::EC2::SecurityGroupIngress': 'it knows only rules that stand in the group itself',
  'AWS::EC2::SecurityGroupEgress': 'the same',
  'AWS::SES::EmailIdentity.DkimDNSTokenName1': 'its identities have no such attribute',
  'AWS::SSM::Document':
    'it does not know the type; what the runbooks send to the admin function is tested without them',
  'AWS::Logs::QueryDefinition': 'it does not know the type',
  'AWS::ApplicationAutoScaling::ScalableTarget': 'it does not know the type',
  'AWS::ApplicationAutoScaling::ScalingPolicy': 'the same',
};
