/** How the account and its domains stand at Amazon SES. */
import {
  GetAccountCommand,
  GetEmailIdentityCommand,
  NotFoundException,
  type SESv2Client,
} from '@aws-sdk/client-sesv2';

const answering = () => ({ abortSignal: AbortSignal.timeout(10_000) });

export interface SesStanding {
  readonly production: boolean;
  readonly sendingEnabled: boolean;
  readonly enforcement: string;
  readonly maxADay: number;
  readonly sentLastDay: number;
}

export async function sesStanding(client: SESv2Client): Promise<SesStanding> {
  const account = await client.send(new GetAccountCommand({}), answering());
  return {
    production: account.ProductionAccessEnabled === true,
    sendingEnabled: account.SendingEnabled === true,
    enforcement: account.EnforcementStatus ?? 'HEALTHY',
    maxADay: account.SendQuota?.Max24HourSend ?? 0,
    sentLastDay: account.SendQuota?.SentLast24Hours ?? 0,
  };
}

export interface SesIdentityStanding {
  readonly verified: boolean;
  readonly dkim: string;
  /** CNAME records that the DNS must have. */
  readonly dkimRecords: readonly { readonly name: string; readonly value: string }[];
}

/** Undefined: SES does not know the domain. */
export async function sesIdentity(
  client: SESv2Client,
  domain: string,
): Promise<SesIdentityStanding | undefined> {
  try {
    const identity = await client.send(new GetEmailIdentityCommand({ EmailIdentity: domain }), answering());
    return {
      verified: identity.VerifiedForSendingStatus === true,
      dkim: identity.DkimAttributes?.Status ?? 'NOT_STARTED',
      dkimRecords: (identity.DkimAttributes?.Tokens ?? []).map((token) => ({
        name: `${token}._domainkey.${domain}`,
        value: `${token}.dkim.amazonses.com`,
      })),
    };
  } catch (fault) {
    if (fault instanceof NotFoundException) return undefined;
    throw fault;
  }
}
