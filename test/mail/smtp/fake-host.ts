/** A small honest server behind the SMTP engine: some mailboxes in memory, and a way to make each step fail. */
import type { Authentication, Authenticator } from '../../../mail/auth/authenticator.ts';
import { canonicalAddress, formatAddress } from '../../../mail/message/address.ts';
import type { Envelope } from '../../../mail/routing/envelope.ts';
import type {
  Acceptance,
  ForwardPath,
  Incoming,
  RecipientVerdict,
  Refusal,
  SenderVerdict,
  SmtpClient,
  SmtpHost,
  Transaction,
} from '../../../mail/smtp/host.ts';

/** A message that was queued. */
export interface Received {
  readonly id: string;
  readonly envelope: Envelope;
  readonly client: SmtpClient;
  readonly bytes: Buffer;
}

/** By local part in example.test: what RCPT is answered; every other one there, but `nobody`, is a mailbox. */
const refusals: Readonly<Record<string, Refusal>> = {
  nobody: { kind: 'unknownRecipient' },
  full: { kind: 'mailboxFull', permanent: false },
  overfull: { kind: 'mailboxFull', permanent: true },
  suspended: { kind: 'recipientSuspended' },
  closed: { kind: 'recipientRejects', detail: 'This list is cl\u00f6sed' },
  later: { kind: 'unavailable' },
};

export class FakeHost implements SmtpHost {
  readonly received: Received[] = [];
  /** What `write` and `finish` wait for first. */
  gate: Promise<void> | undefined;
  /** Messages begun and neither finished nor aborted. */
  open = 0;
  aborted = 0;
  /** The method that throws, if any. */
  faulty: 'checkSender' | 'checkRecipient' | 'begin' | 'write' | 'finish' | 'abort' | undefined;
  /** What `begin` or `finish` refuses with, if anything. */
  refuseAt: { readonly begin?: Refusal; readonly finish?: Refusal } = {};

  async checkSender({ client, reversePath }: Transaction): Promise<SenderVerdict> {
    this.#step('checkSender');
    if (client.role === 'mta' || reversePath === null) return { kind: 'ok' };
    const own = canonicalAddress(reversePath) === client.principal?.address;
    return own ? { kind: 'ok' } : { kind: 'senderNotOwn' };
  }

  async checkRecipient(path: ForwardPath, { client }: Transaction): Promise<RecipientVerdict> {
    this.#step('checkRecipient');
    if (path.kind === 'postmaster')
      return { kind: 'ok', address: { localPart: 'postmaster', domain: 'example.test' } };
    const { domain } = path.address;
    if (domain.toLowerCase() !== 'example.test') {
      if (client.role === 'mta') return { kind: 'relayDenied' };
      return domain.startsWith('[') ? { kind: 'notRelayed' } : { kind: 'ok', address: path.address };
    }
    return refusals[path.address.localPart] ?? { kind: 'ok', address: path.address };
  }

  async begin(
    envelope: Envelope,
    client: SmtpClient,
  ): Promise<{ readonly kind: 'ok'; readonly incoming: Incoming } | Refusal> {
    this.#step('begin');
    if (this.refuseAt.begin !== undefined) return this.refuseAt.begin;
    this.open += 1;
    const chunks: Uint8Array[] = [];
    const incoming: Incoming = {
      write: async (bytes) => {
        await this.gate;
        this.#step('write');
        chunks.push(bytes);
      },
      finish: async (): Promise<Acceptance> => {
        await this.gate;
        this.open -= 1;
        this.#step('finish');
        if (this.refuseAt.finish !== undefined) return this.refuseAt.finish;
        const id = `m${this.received.length + 1}`;
        this.received.push({ id, envelope, client, bytes: Buffer.concat(chunks) });
        return { kind: 'queued', id };
      },
      abort: async () => {
        this.open -= 1;
        this.aborted += 1;
        this.#step('abort');
      },
    };
    return { kind: 'ok', incoming };
  }

  /** The envelope's addresses of a received message, for a short comparison. */
  static envelopeOf({ envelope }: Received): { readonly from: string; readonly to: readonly string[] } {
    return {
      from: envelope.reversePath === null ? '<>' : formatAddress(envelope.reversePath),
      to: envelope.recipients.map(({ address }) => formatAddress(address)),
    };
  }

  #step(name: NonNullable<FakeHost['faulty']>): void {
    if (this.faulty === name) throw new Error(`${name} failed on purpose`);
  }
}

/** One user, `pepe@example.test` with the password `secret`; `throttled@…` is throttled and `fault@…` a fault. */
export const fakeAuthenticator: Authenticator = {
  async verify({ user, password, scope }): Promise<Authentication> {
    if (user === 'fault@example.test') throw new Error('the directory does not answer');
    if (user === 'throttled@example.test') return { kind: 'throttled', retryAfterMs: 29_500 };
    const known = user === 'pepe@example.test' && password.reveal() === 'secret' && scope === 'send';
    if (!known) return { kind: 'refused' };
    return {
      kind: 'ok',
      principal: { accountId: 'a1', address: 'pepe@example.test', passwordSince: '2026-01-01T00:00:00.000Z' },
    };
  },
};
