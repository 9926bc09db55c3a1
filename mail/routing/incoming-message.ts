/**
 * One message on its way from the listener into Blobs and a queue: route, or deliver where it is for one account. Its bytes are stored as they come; what is
 * known only at the end (the trace fields, whether it is accepted at all) is decided from its header.
 */
import {
  canonicalAddress,
  canonicalDomain,
  formatAddress,
  parseAddress,
  type EmailAddress,
} from '../message/address.ts';
import { formatDate } from '../message/date.ts';
import { HeaderScanner, type ScannedHeader } from '../message/header-scan.ts';
import { messageLimits } from '../message/limits.ts';
import { MessageScanner } from '../message/scan-message.ts';
import { authorsOf } from '../message/strict-addresses.ts';
import { ownMessageId } from '../message/thread.ts';
import { countReceived, deliveredTo, formatReceived, formatReturnPath } from '../message/trace.ts';
import { incomingBlobKey, mailboxBlobKey, outboundBlobKey } from '../delivery/blob-key.ts';
import type { Upload } from '../ports/blobs.ts';
import type { Job } from '../ports/queue.ts';
import type { Acceptance, Incoming, Refusal, SmtpClient } from '../smtp/host.ts';
import type { AcceptPorts } from './accept-ports.ts';
import type { AskedRecipients } from './asked-recipients.ts';
import { deliverJob } from './deliver-job.ts';
import type { Resolution } from './directory-port.ts';
import type { Envelope } from './envelope.ts';
import type { RouteJob } from './jobs.ts';
import { refusedForRoom } from './room.ts';
import { readWishes } from './wishes.ts';

/** RFC 5321 section 6.3 asks for at least 100 to be let through; mail that loops is cut here at half of that. */
export const maxHops = 50;

/** One hundred of the longest addresses, each with the longest ORCPT, are 160 KB of JSON; a job holds 256 KB. */
const recipientsInAJob = 100;

/** What is known when the header has ended. */
interface Begun {
  readonly header: ScannedHeader;
  readonly receivedAt: Date;
  /** The trace fields that go before the message. */
  readonly prefix: Buffer;
  readonly returnPathBytes: number;
  /** Reads the message for its index on its way, where it may be filed at once. */
  readonly scanner: MessageScanner | undefined;
}

export class IncomingMessage implements Incoming {
  readonly #ports: AcceptPorts;
  readonly #envelope: Envelope;
  readonly #client: SmtpClient;
  readonly #messageId: string;
  readonly #recipients: AskedRecipients;
  readonly #upload: Upload;
  readonly #header = new HeaderScanner({
    maxBytes: messageLimits.maxIncomingHeaderBytes,
    maxFields: messageLimits.maxIncomingHeaderFields,
  });
  #firstByte: number | undefined;
  #begun: Begun | undefined;

  constructor(
    ports: AcceptPorts,
    message: {
      readonly envelope: Envelope;
      readonly client: SmtpClient;
      readonly messageId: string;
      /** Who was asked for them at RCPT. */
      readonly recipients: AskedRecipients;
    },
  ) {
    this.#ports = ports;
    this.#envelope = message.envelope;
    this.#client = message.client;
    this.#messageId = message.messageId;
    this.#recipients = message.recipients;
    this.#upload = ports.blobs.begin();
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#firstByte ??= bytes[0];
    const before = this.#header.headerBytes;
    const ended = this.#header.write(bytes);
    if (this.#begun !== undefined) this.#begun.scanner?.write(bytes);
    else if (ended) this.#begin(bytes.subarray(this.#header.headerBytes - before));
    await this.#upload.write(bytes);
  }

  /** The header is whole, or all there is: what stands before it is known now. `body`: what came of it so far. */
  #begin(body: Uint8Array): Begun {
    const header = this.#header.finish();
    const receivedAt = new Date(this.#ports.clock.now());
    const returnPath = Buffer.from(formatReturnPath(this.#envelope.reversePath));
    const prefix = Buffer.concat([returnPath, Buffer.from(this.#added(header, receivedAt))]);
    const scanner = this.#scannerFor([prefix, this.#header.bytes, body]);
    this.#begun = { header, receivedAt, prefix, returnPathBytes: returnPath.length, scanner };
    return this.#begun;
  }

  /** Has read these; none where the message is not filed at once, or its header is too large. */
  #scannerFor(parts: readonly (Uint8Array | undefined)[]): MessageScanner | undefined {
    if (this.#ports.fileNow === undefined || this.#envelope.recipients.length > 1) return undefined;
    const scanner = new MessageScanner();
    for (const part of parts) {
      if (part === undefined) return undefined;
      scanner.write(part);
    }
    return scanner;
  }

  async abort(): Promise<void> {
    await this.#upload.abort();
  }

  async finish(): Promise<Acceptance> {
    try {
      const begun = this.#begun ?? this.#begin(new Uint8Array());
      const refusal = await this.#refusal(begun.header);
      return refusal ?? (await this.#accept(begun));
    } finally {
      await this.#upload.abort();
    }
  }

  async #refusal(header: ScannedHeader): Promise<Refusal | undefined> {
    if (countReceived(header.fields) > maxHops) return { kind: 'tooManyHops' };
    if (this.#client.role === 'mta') return undefined;
    const authors = authorsOf(header);
    if (authors.kind === 'missing') return { kind: 'badMessage', detail: 'the message has no From field' };
    if (authors.kind === 'malformed') return { kind: 'badMessage', detail: authors.why };
    const { from, sender } = authors;
    for (const address of sender === undefined ? from : [...from, sender])
      if (!(await this.#isOwn(address))) return { kind: 'fromNotOwn' };
    return undefined;
  }

  async #isOwn(address: EmailAddress): Promise<boolean> {
    const { principal } = this.#client;
    return principal !== undefined && this.#ports.directory.maySendAs(principal.accountId, address);
  }

  async #accept({ header, receivedAt, prefix, returnPathBytes, scanner }: Begun): Promise<Acceptance> {
    const only = await this.#onlyRecipient();
    const refusal =
      only?.kind === 'account'
        ? await refusedForRoom(this.#ports, only.accountId, prefix.length + this.#upload.size)
        : undefined;
    if (refusal !== undefined) return refusal;
    const messageId = this.#messageId;
    let handedOver: Refusal | undefined;
    await this.#upload.finish({
      key: this.#blobKey(only, receivedAt),
      prefix,
      alongside: async ({ key, size }) => {
        const job = {
          messageId,
          blobKey: key,
          sizeBytes: size,
          envelope: this.#envelope,
          receivedAt: receivedAt.toISOString(),
          returnPathBytes,
          ...passedIn(header),
        };
        if (only?.kind === 'account') handedOver = await this.#deliver(job, only, scanner);
        else await this.#queue(job);
      },
    });
    if (handedOver !== undefined) return handedOver;
    const msgId = this.#msgId(header);
    return { kind: 'queued', id: messageId, ...(msgId === undefined ? {} : { msgId }) };
  }

  /** Straight to its place where that is known: then delivery, or the outbound queue, copies nothing. */
  #blobKey(only: Resolution | undefined, receivedAt: Date): string {
    const messageId = this.#messageId;
    if (only?.kind === 'account') return mailboxBlobKey({ ...only, receivedAt, messageId });
    return only?.kind === 'elsewhere' ? outboundBlobKey(messageId) : incomingBlobKey(messageId);
  }

  /** What a single recipient leads to; undefined where there are several. */
  async #onlyRecipient(): Promise<Resolution | undefined> {
    const [only, ...others] = this.#envelope.recipients;
    if (only === undefined || others.length > 0) return undefined;
    return this.#recipients.recall(only.address);
  }

  /** A message for one account needs no route: where it leads was just asked for. Answers why it is refused after all. */
  async #deliver(
    job: RouteJob,
    { accountId, address }: Extract<Resolution, { readonly kind: 'account' }>,
    scanner: MessageScanner | undefined,
  ): Promise<Refusal | undefined> {
    const { envelope } = job;
    const wishes = readWishes(envelope.recipients, { several: [] });
    const recipients = envelope.recipients.map((each) => wishes.passedOn(formatAddress(each.address)));
    const deliver = deliverJob(job, { accountId, address, recipients });
    const filed = scanner && (await this.#ports.fileNow?.(deliver.body, scanner.finish()));
    if (filed?.kind === 'filed') return undefined;
    if (filed?.kind === 'refused') return filed.refusal;
    await this.#ports.deliverQueue.send([deliver]);
    return undefined;
  }

  /** One job, or several where there are many recipients: a job has its bound. Each account gets the message once all the same. */
  async #queue(job: RouteJob): Promise<void> {
    const { recipients } = job.envelope;
    const group =
      this.#client.principal?.accountId ?? canonicalDomain(recipients[0]?.address.domain ?? '') ?? '';
    const jobs: Job<RouteJob>[] = [];
    for (let at = 0; at < recipients.length; at += recipientsInAJob) {
      const some = recipients.slice(at, at + recipientsInAJob);
      jobs.push({ group, body: { ...job, envelope: { ...job.envelope, recipients: some } } });
    }
    await this.#ports.routeQueue.send(jobs);
  }

  /** The Received field; a submission's missing Date and Message-ID (RFC 6409 section 8); an end where there is no header. */
  #added(header: ScannedHeader, receivedAt: Date): string {
    const { hostname } = this.#ports;
    const { connection, helo, extended, tls, principal } = this.#client;
    const { recipients, smtpUtf8 } = this.#envelope;
    const received = formatReceived({
      helo,
      remoteAddress: connection.remoteAddress,
      by: hostname,
      extended,
      authenticated: principal !== undefined,
      smtpUtf8,
      ...(tls === undefined ? {} : { tls }),
      id: this.#messageId,
      recipients: recipients.map(({ address }) => address),
      date: receivedAt.getTime(),
    });
    const has = (key: string) => header.fields.some((field) => field.key === key);
    const submitted = this.#client.role === 'msa';
    const date = submitted && !has('date') ? `Date: ${formatDate(receivedAt.getTime())}\r\n` : '';
    const id = submitted && !has('message-id') ? `Message-ID: <${this.#ownMsgId}>\r\n` : '';
    return received + date + id + this.#separator(header);
  }

  /** The Message-ID that a submission without one gets. */
  get #ownMsgId(): string {
    return `${this.#messageId}@${this.#ports.hostname}`;
  }

  /** What stands in the Message-ID field of the message as it is stored. */
  #msgId({ fields }: ScannedHeader): string | undefined {
    const given = ownMessageId(fields);
    const added = this.#client.role === 'msa' && !fields.some(({ key }) => key === 'message-id');
    return added ? this.#ownMsgId : given;
  }

  /** A message without any field begins with its body: an empty line of ours keeps it from becoming part of the header. */
  #separator({ fields, cut }: ScannedHeader): string {
    const beginsWithEmptyLine = this.#firstByte === 0x0d;
    return fields.length > 0 || cut || beginsWithEmptyLine || this.#firstByte === undefined ? '' : '\r\n';
  }
}

/** The addresses of ours that may have forwarded it before; more than a few is a loop of others. */
function passedIn({ fields }: ScannedHeader): Pick<RouteJob, 'passed'> {
  const passed = deliveredTo(fields, maxHops).flatMap((text) => {
    const address = parseAddress(text.trim());
    return (address && canonicalAddress(address)) ?? [];
  });
  return passed.length === 0 ? {} : { passed };
}
