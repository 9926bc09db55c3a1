/** Whether mail can leave from here: Amazon SES, or port 25. */
import type { Finding } from './finding.ts';

/** Of the account at Amazon SES. */
export interface SesAccount {
  /** Out of the sandbox. */
  readonly production: boolean;
  readonly sendingEnabled: boolean;
  /** `HEALTHY`, `PROBATION`, `SHUTDOWN`. */
  readonly enforcement: string;
  readonly maxADay: number;
  readonly sentLastDay: number;
}

/** Of a domain there; undefined: it is not known. */
export interface SesIdentity {
  readonly verified: boolean;
  readonly dkim: string;
}

export function checkSesAccount(account: SesAccount): readonly Finding[] {
  const area = 'sending';
  const { maxADay, sentLastDay, enforcement } = account;
  const sandbox: Finding = account.production
    ? { area, state: 'ok', what: 'Amazon SES, out of the sandbox', found: `${maxADay} messages a day` }
    : {
        area,
        state: 'problem',
        what: 'Amazon SES, out of the sandbox',
        found: 'it is in the sandbox: 200 messages a day, and only to addresses that are verified',
        todo: 'Ask for production access: Amazon SES, Account dashboard, "Request production access".',
      };
  const sending: Finding =
    account.sendingEnabled && enforcement === 'HEALTHY'
      ? { area, state: 'ok', what: 'Amazon SES, sending', found: enforcement }
      : {
          area,
          state: account.sendingEnabled ? 'warning' : 'problem',
          what: 'Amazon SES, sending',
          found: `${enforcement}${account.sendingEnabled ? '' : ', it does not send'}`,
          todo: 'Too much bounced or was called junk. Answer the case that AWS opened, and look who sent it.',
        };
  const near = maxADay > 0 && sentLastDay > maxADay * 0.8;
  const quota: Finding = {
    area,
    state: near ? 'warning' : 'ok',
    what: 'Amazon SES, quota',
    found: `${sentLastDay} of ${maxADay} in the last day`,
    ...(near ? { todo: 'Ask for more: Service Quotas, Amazon SES, "Sending quota".' } : {}),
  };
  return [sandbox, sending, quota];
}

export function checkSesIdentity(domain: string, identity: SesIdentity | undefined): Finding {
  const area = 'sending';
  const what = `Amazon SES, identity ${domain}`;
  if (identity === undefined)
    return {
      area,
      state: 'problem',
      what,
      found: 'Amazon SES does not know it, and refuses its mail',
      todo: `Add ${domain} to moreDomains and deploy, or verify it in the console of Amazon SES.`,
    };
  if (identity.verified && identity.dkim === 'SUCCESS')
    return { area, state: 'ok', what, found: 'verified, signs with DKIM' };
  return {
    area,
    state: 'problem',
    what,
    found: `${identity.verified ? 'verified' : 'not verified'}, DKIM ${identity.dkim}`,
    todo: 'Its DKIM records must stand in the DNS (see above); Amazon SES looks for them for 72 hours.',
  };
}

/** `reached`: another server's greeting, or why there was none. */
export function checkPort25(reached: { readonly ok: boolean; readonly why: string }): Finding {
  const what = 'port 25 of other servers';
  if (reached.ok) return { area: 'sending', state: 'ok', what, found: reached.why };
  return {
    area: 'sending',
    state: 'problem',
    what,
    found: reached.why,
    todo: 'Most networks block it. Ask your provider to open it, or send by a smart host (--smart-host).',
  };
}

/** As above, of the server that takes all our mail. */
export function checkSmartHost(reached: { readonly ok: boolean; readonly why: string }): Finding {
  const what = 'the smart host';
  if (reached.ok) return { area: 'sending', state: 'ok', what, found: reached.why };
  return {
    area: 'sending',
    state: 'problem',
    what,
    found: reached.why,
    todo: 'Look at --smart-host and at your firewall. Mail waits meanwhile, five days at most.',
  };
}
