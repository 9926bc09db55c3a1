/** The function that keeps the listeners' certificate: orders and renews it, or takes it out of AWS Certificate Manager. */
import { readFileSync } from 'node:fs';
import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { webNamesOf } from '../../mail/certificate/certificate-names.ts';
import { explain } from '../explained.ts';
import { allow, explainWildcard } from '../grants.ts';
import { isWithin } from '../hosted-zone.ts';
import type { PostaSettings } from '../settings.ts';
import { PostaFunction } from './posta-function.ts';

export interface CertifyProps {
  readonly settings: PostaSettings;
  readonly certificate: ISecret;
}

/** A certificate authority takes five failures an hour for a name. */
const every = Duration.minutes(15);

export class Certify extends Construct {
  constructor(scope: Construct, id: string, { settings, certificate }: CertifyProps) {
    super(scope, id);
    const { stage } = settings;
    const certifying = new PostaFunction(this, 'Function', {
      stage,
      name: 'certify',
      description: 'Keeps the certificate of the mail server: gets it, and renews it in time',
      timeout: Duration.minutes(10),
      memory: 256,
      environment: {
        POSTA_CERTIFICATE_SECRET: certificate.secretArn,
        ...(settings.certificate === 'acm' ? acmEnvironment(settings) : acmeEnvironment(settings)),
      },
    });
    certificate.grantRead(certifying);
    certificate.grantWrite(certifying);
    if (settings.certificate === 'acm') this.#mayExport(certifying, settings);
    else this.#mayProve(certifying, settings);
    const rule = new Rule(this, 'Look', {
      schedule: Schedule.rate(every),
      description: `Posta ${stage}: whether the certificate is to be renewed`,
    });
    rule.addTarget(new LambdaFunction(certifying, { retryAttempts: 0 }));
    explain(rule, { rule: 'Serverless-EventBusDLQ', because: 'it looks again in a quarter of an hour' });
  }

  #mayExport(certifying: PostaFunction, { certificateArn = '' }: PostaSettings): void {
    certifying.addToRolePolicy(allow(['acm:DescribeCertificate', 'acm:ExportCertificate'], [certificateArn]));
  }

  /** Only the records that prove a name. */
  #mayProve(certifying: PostaFunction, settings: PostaSettings): void {
    const stack = Stack.of(this);
    const global = { service: 'route53', region: '', account: '' };
    const zone = stack.formatArn({
      ...global,
      resource: 'hostedzone',
      resourceName: settings.hostedZoneId ?? '',
    });
    certifying.addToRolePolicy(
      allow(['route53:ChangeResourceRecordSets'], [zone], {
        'ForAllValues:StringEquals': { 'route53:ChangeResourceRecordSetsRecordTypes': ['TXT'] },
        'ForAllValues:StringLike': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['_acme-challenge.*'],
        },
      }),
    );
    const changes = stack.formatArn({ ...global, resource: 'change', resourceName: '*' });
    certifying.addToRolePolicy(allow(['route53:GetChange'], [changes]));
    explainWildcard(certifying, /:change\/\*$/, 'each change of a zone has a new id');
    const account = stack.formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: accountName(settings).slice(1),
    });
    certifying.addToRolePolicy(allow(['ssm:GetParameter', 'ssm:PutParameter'], [account]));
  }
}

function acmEnvironment({ certificateArn = '' }: PostaSettings): Record<string, string> {
  return { POSTA_CERTIFICATE: 'acm', POSTA_CERTIFICATE_ARN: certificateArn };
}

function acmeEnvironment(settings: PostaSettings): Record<string, string> {
  const {
    hostname,
    domain,
    moreDomains,
    hostedZoneId = '',
    hostedZoneName,
    acmeMail = '',
    acmeCa,
  } = settings;
  const names = [hostname, ...[domain, ...moreDomains].flatMap((each) => webNamesOf(each))];
  return {
    POSTA_CERTIFICATE: 'acme',
    // Others cannot be proved in this zone.
    POSTA_CERTIFICATE_NAMES: names.filter((name) => isWithin(name, hostedZoneName)).join(),
    POSTA_HOSTED_ZONE_ID: hostedZoneId,
    POSTA_ACME_DIRECTORY: settings.acmeDirectory,
    POSTA_ACME_MAIL: acmeMail,
    POSTA_ACME_CA: acmeCa === undefined ? '' : trustedBy(acmeCa),
    POSTA_ACME_ACCOUNT: accountName(settings),
  };
}

/** Of the environment a function may have 4 KB in all. */
const maxTrusted = 3000;

function trustedBy(path: string): string {
  const text = readFileSync(path, 'utf8');
  if (!text.startsWith('-----BEGIN CERTIFICATE-----') || text.length > maxTrusted)
    throw new Error(`acmeCa: ${path} must be a certificate in PEM, of at most ${maxTrusted} characters`);
  return text;
}

function accountName({ stage }: PostaSettings): string {
  return `/${stage}/acme-account`;
}
