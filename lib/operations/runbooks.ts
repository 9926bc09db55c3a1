/** Runbooks of Systems Manager: the forms of lambdas/admin, each of which calls the admin function. */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { forms, noChoice, type Form, type FormField } from '../../lambdas/admin/forms.ts';
import { automationLink } from './console-links.ts';

export interface RunbooksProps {
  readonly stage: string;
  readonly admin: IFunction;
}

/** Of the one step. */
const timeoutSeconds = 120;

export class Runbooks extends Construct {
  constructor(scope: Construct, id: string, { stage, admin }: RunbooksProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ssm.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: `Posta ${stage}: what its runbooks may do`,
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [admin.functionArn] }),
    );
    for (const form of forms)
      new CfnDocument(this, form.name, {
        name: runbookName(stage, form.name),
        documentType: 'Automation',
        documentFormat: 'JSON',
        updateMethod: 'NewVersion',
        content: contentOf(form, { role: role.roleArn, functionName: admin.functionName }),
      });
  }
}

export function runbookName(stage: string, form: string): string {
  return `${stage}-${form}`;
}

/** The page that runs it. */
export function runbookLink(stage: string, form: string): string {
  return automationLink(runbookName(stage, form));
}

function contentOf(
  { name, title, help, fields }: Form,
  { role, functionName }: { readonly role: string; readonly functionName: string },
): object {
  const step = 'Do';
  return {
    schemaVersion: '0.3',
    description: `# ${title}\n${help}`,
    assumeRole: role,
    parameters: Object.fromEntries(fields.map((field) => [field.label, parameterOf(field)])),
    mainSteps: [
      {
        name: step,
        action: 'aws:invokeLambdaFunction',
        description: title,
        timeoutSeconds,
        // A command that may have been done is not done again by itself.
        maxAttempts: 1,
        isEnd: true,
        inputs: {
          FunctionName: functionName,
          InputPayload: {
            form: name,
            fields: Object.fromEntries(fields.map((field) => [field.name, `{{ ${field.label} }}`])),
          },
        },
      },
    ],
    outputs: [`${step}.Payload`],
  };
}

function parameterOf({ kind, help, choices, optional = false }: FormField): object {
  const among = kind === 'yesNo' ? ['no', 'yes'] : choices;
  const description = optional ? `(Optional) ${help}` : `(Required) ${help}`;
  if (among !== undefined) {
    const allowedValues = optional && kind === 'choice' ? [noChoice, ...among] : among;
    return { type: 'String', description, allowedValues, ...(optional ? { default: allowedValues[0] } : {}) };
  }
  return {
    type: 'String',
    description,
    // What would end a text, or stand for another parameter, is in no address.
    allowedPattern: optional ? '^[^"\\\\{}]*$' : '^[^"\\\\{}]+$',
    ...(optional ? { default: '' } : {}),
  };
}
