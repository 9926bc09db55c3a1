/** Pages of the AWS console, in the region of the deployment. */
import { Fn } from 'aws-cdk-lib';

export function dashboardLink(stage: string): string {
  return inConsole(`cloudwatch/home?region=\${AWS::Region}#dashboards/dashboard/${stage}`);
}

export function logQueriesLink(): string {
  return inConsole('cloudwatch/home?region=${AWS::Region}#logsV2:logs-insights');
}

/** The form of a document of Systems Manager. */
export function automationLink(document: string): string {
  return inConsole(`systems-manager/automation/execute/${document}?region=\${AWS::Region}`);
}

function inConsole(path: string): string {
  return Fn.sub(`https://\${AWS::Region}.console.aws.amazon.com/${path}`);
}
