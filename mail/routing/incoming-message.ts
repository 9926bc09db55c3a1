/**
 * One message on its way from the listener into Blobs and the route queue. Its bytes are stored as they come; what is
 * known only at the end (the trace fields, whether it is accepted at all) is decided from its header.
 */
import type { EmailAddress } from '../message/address.ts';
import { formatDate } from '../message/date.ts';
import { HeaderScanner, type ScannedHeader } from '../message/header-scan.ts';
import { authorsOf } from '../message/strict-addresses.ts';
import { countReceived, formatReceived, formatReturnPath } from '../message/trace.ts';
import { incomingBlobKey, mailboxBlobKey } from '../delivery/blob-key.ts';
import type { Upload } from '../ports/blobs.ts';
import type { Acceptance, Incoming, Refusal, SmtpClient } from '../smtp/host.ts';
import type { AcceptPorts } from './accept.ts';
import type { Envelope } from './envelope.ts';

/** RFC 5321 section 6.3 asks for at least 100 to be let through; mail that loops is cut here at half of that. */
export const maxHops = 50;

export class IncomingMessage implements Incoming {
  readonly #ports: AcceptPorts;
  readonly #envelope: Envelope;
  readonly #client: SmtpClient;
  readonly #messageId: string;
  readonly #upload: Upload;
  readonly #header = new HeaderScanner();
  #firstByte: number | undefined;

  constructor(
    ports: AcceptPorts,
    message: { readonly envelope: Envelope; readonly client: SmtpClient; readonly messageId: string },
  ) {
    this.#ports = ports;
    this.#envelope = message.envelope;
    this.#client = message.client;
    this.#messageId = message.messageId;
    this.#upload = ports.blobs.begin();
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#firstByte ??= bytes[0];
    this.#header.write(bytes);
    await this.#upload.write(bytes);
  }

  async abort(): Promise<void> {
    await this.#upload.abort();
  }

  async finish(): Promise<Acceptance> {
    try {
      const header = this.#header.finish();
      const refusal = await this.#refusal(header);
      return refusal ?? (await this.#accept(header));
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

  async #accept(header: ScannedHeader): Promise<Acceptance> {
    const { routeQueue, clock } = this.#ports;
    const receivedAt = new Date(clock.now());
    const returnPath = Buffer.from(formatReturnPath(this.#envelope.reversePath));
    const { key, size } = await this.#upload.finish({
      key: await this.#blobKey(receivedAt),
      prefix: Buffer.concat([returnPath, Buffer.from(this.#added(header, receivedAt))]),
    });
    await routeQueue.send([
      {
        group: this.#envelope.recipients[0]?.address.domain ?? '',
        body: {
          messageId: this.#messageId,
          blobKey: key,
          sizeBytes: size,
          envelope: this.#envelope,
          receivedAt: receivedAt.toISOString(),
          returnPathBytes: returnPath.length,
        },
      },
    ]);
    return { kind: 'queued', id: this.#messageId };
  }

  /** Straight into the mailbox's own place where that is known: then delivery copies nothing. */
  async #blobKey(receivedAt: Date): Promise<string> {
    const [first, ...more] = this.#envelope.recipients;
    if (first === undefined || more.length > 0) return incomingBlobKey(this.#messageId);
    const resolution = await this.#ports.directory.resolveRecipient(first.address);
    if (resolution.kind !== 'account') return incomingBlobKey(this.#messageId);
    return mailboxBlobKey({ ...resolution, receivedAt, messageId: this.#messageId });
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
    const id = submitted && !has('message-id') ? `Message-ID: <${this.#messageId}@${hostname}>\r\n` : '';
    return received + date + id + this.#separator(header);
  }

  /** A message without any field begins with its body: an empty line of ours keeps it from becoming part of the header. */
  #separator({ fields, cut }: ScannedHeader): string {
    const beginsWithEmptyLine = this.#firstByte === 0x0d;
    return fields.length > 0 || cut || beginsWithEmptyLine || this.#firstByte === undefined ? '' : '\r\n';
  }
}
