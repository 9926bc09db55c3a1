/** A certificate authority that speaks ACME (RFC 8555), such as Let's Encrypt. By acme-client. */
import { Agent } from 'node:https';
import * as acme from 'acme-client';
import {
  NamesNotProved,
  type CertificateAuthority,
  type CertificatePair,
  type Proof,
  type Prover,
} from '../../mail/ports/certificates.ts';

export interface AcmeOptions {
  readonly directory: string;
  /** The account's key, in PEM. Whoever has it may order and revoke in our name. */
  readonly accountKey: string;
  /** Where the authority writes to. */
  readonly mail?: string;
  /** What its own certificate is trusted by, in PEM, where it is not a public one. */
  readonly trusted?: string;
}

const answerMs = 30_000;
/** Between two looks whether the authority is done: doubled each time. */
const backoff = { backoffMin: 1000, backoffMax: 15_000, backoffAttempts: 15 };
/** Of one order, with all its proofs. */
const orderMs = 5 * 60_000;

export async function newAccountKey(): Promise<string> {
  return (await acme.crypto.createPrivateEcdsaKey()).toString();
}

/** Ordering means agreement to the authority's terms of service. */
export function acmeAuthority(options: AcmeOptions): CertificateAuthority {
  acme.axios.defaults.timeout = answerMs;
  if (options.trusted !== undefined) acme.axios.defaults.httpsAgent = new Agent({ ca: options.trusted });
  return { order: (names, prover) => withinTime(orderOf(options, { names, prover })) };
}

interface Ordering {
  readonly names: readonly string[];
  readonly prover: Prover;
}

async function orderOf(options: AcmeOptions, { names, prover }: Ordering): Promise<CertificatePair> {
  const { directory, accountKey, mail } = options;
  const client = new acme.Client({ directoryUrl: directory, accountKey, ...backoff });
  try {
    await openAccount(client, mail);
    const identifiers = names.map((value) => ({ type: 'dns', value }));
    const order = await client.createOrder({ identifiers });
    await proveAll(client, await client.getAuthorizations(order), prover);
    const [key, csr] = await acme.crypto.createCsr(
      { altNames: [...names] },
      await acme.crypto.createPrivateEcdsaKey(),
    );
    const finalized = await client.finalizeOrder(order, csr);
    return { certificate: await client.getCertificate(finalized), key: key.toString() };
  } catch (fault) {
    if (fault instanceof NamesNotProved) throw fault;
    throw new Error(`${directory} gave no certificate for ${names.join(', ')}: ${messageOf(fault)}`, {
      cause: fault,
    });
  }
}

/** The one that there is for the key, or a new one. */
async function openAccount(client: acme.Client, mail: string | undefined): Promise<void> {
  const contact = mail === undefined ? {} : { contact: [`mailto:${mail}`] };
  try {
    await client.createAccount({ onlyReturnExisting: true });
  } catch {
    // There is none; whatever else it was, this says it again.
    await client.createAccount({ termsOfServiceAgreed: true, ...contact });
  }
}

/** All at once: each may take a minute until the DNS has it. */
async function proveAll(
  client: acme.Client,
  authorizations: readonly acme.Authorization[],
  prover: Prover,
): Promise<void> {
  const outcomes = await Promise.allSettled(authorizations.map((each) => prove(client, each, prover)));
  const failed = outcomes.flatMap((outcome, at) =>
    outcome.status === 'fulfilled'
      ? []
      : [{ name: authorizations[at]?.identifier.value ?? '', why: messageOf(outcome.reason) }],
  );
  if (failed.length === 0) return;
  const whys = failed.map(({ name, why }) => `${name}: ${why}`).join('; ');
  throw new NamesNotProved(
    failed.map(({ name }) => name),
    whys,
  );
}

async function prove(client: acme.Client, authorization: acme.Authorization, prover: Prover): Promise<void> {
  // Proved not long ago: the authority remembers.
  if (authorization.status === 'valid') return;
  const challenge = authorization.challenges.find(({ type }) => type === prover.way);
  if (challenge === undefined) throw new Error(`the authority does not take ${prover.way}`);
  const keyAuthorization = await client.getChallengeKeyAuthorization(challenge);
  await using _ = await prover.show(proofOf(authorization, keyAuthorization));
  await client.completeChallenge(challenge);
  await client.waitForValidStatus(challenge);
}

function proofOf(authorization: acme.Authorization, keyAuthorization: string): Proof {
  return {
    name: authorization.identifier.value,
    dnsText: keyAuthorization,
    tlsAlpn: async () => {
      const [key, certificate] = await acme.crypto.createAlpnCertificate(authorization, keyAuthorization);
      return { key: key.toString(), certificate: certificate.toString() };
    },
  };
}

async function withinTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no certificate within ${orderMs / 1000} s`)), orderMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
