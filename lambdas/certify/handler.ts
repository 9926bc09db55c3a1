/** The function behind the schedule of certificates. */
import { ACMClient } from '@aws-sdk/client-acm';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SSMClient } from '@aws-sdk/client-ssm';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { acmeAuthority, newAccountKey } from '../../drivers/acme/acme-authority.ts';
import { accountKeyParameter } from '../../drivers/aws/account-key.ts';
import { acmSerial, exportAcmCertificate } from '../../drivers/aws/acm-certificate.ts';
import { Route53Zone } from '../../drivers/aws/route-53-zone.ts';
import { secretCertificateStore } from '../../drivers/aws/secret-certificate.ts';
import { systemClock } from '../../drivers/system/clock.ts';
import { systemLog } from '../../drivers/system/log.ts';
import { dnsProver } from '../../mail/certificate/dns-prover.ts';
import { certifyByAuthority, certifyByCopy } from './certify.ts';

const text = z.string().min(1);
/** Empty is as not given. */
const optional = z
  .string()
  .transform((given) => (given === '' ? undefined : given))
  .optional();
const common = { POSTA_CERTIFICATE_SECRET: text };
const environment = z
  .discriminatedUnion('POSTA_CERTIFICATE', [
    z.object({ ...common, POSTA_CERTIFICATE: z.literal('acm'), POSTA_CERTIFICATE_ARN: text }),
    z.object({
      ...common,
      POSTA_CERTIFICATE: z.literal('acme'),
      POSTA_CERTIFICATE_NAMES: text,
      POSTA_HOSTED_ZONE_ID: text,
      POSTA_ACME_DIRECTORY: z.url(),
      POSTA_ACME_MAIL: optional,
      POSTA_ACME_CA: optional,
      POSTA_ACME_ACCOUNT: text,
    }),
  ])
  .parse(process.env);

const log = systemLog({ level: 'info', destination: process.stdout }).with({ service: 'certify' });
const store = secretCertificateStore({
  client: new SecretsManagerClient(),
  arn: environment.POSTA_CERTIFICATE_SECRET,
});
let certify: (() => Promise<void>) | undefined;

export async function handler(): Promise<void> {
  certify ??= await compose();
  await certify();
}

async function compose(): Promise<() => Promise<void>> {
  if (environment.POSTA_CERTIFICATE === 'acm') {
    const certificate = { client: new ACMClient(), arn: environment.POSTA_CERTIFICATE_ARN };
    return certifyByCopy({
      serial: () => acmSerial(certificate),
      take: () => exportAcmCertificate(certificate),
      store,
      log,
    });
  }
  const { POSTA_ACME_MAIL: mail, POSTA_ACME_CA: trusted, POSTA_HOSTED_ZONE_ID: hostedZoneId } = environment;
  const account = { client: new SSMClient(), name: environment.POSTA_ACME_ACCOUNT };
  return certifyByAuthority(
    {
      authority: acmeAuthority({
        directory: environment.POSTA_ACME_DIRECTORY,
        accountKey: await accountKeyParameter(account, newAccountKey),
        ...(mail === undefined ? {} : { mail }),
        ...(trusted === undefined ? {} : { trusted }),
      }),
      prover: dnsProver(new Route53Zone({ client: new Route53Client(), hostedZoneId })),
      store,
      // They are in the zone that the proofs are written into.
      leadsHere: async () => true,
      clock: systemClock(),
      log,
    },
    environment.POSTA_CERTIFICATE_NAMES.split(','),
  );
}
