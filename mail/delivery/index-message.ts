/** The MIME scan of a stored message, as the mailbox index keeps it. */
import type { ScannedMessage } from '../message/scanned-message.ts';
import { MessageScanner } from '../message/scan-message.ts';
import type { MessageIndex } from '../mailbox/message-index.ts';
import type { MessageId } from '../mailbox/types.ts';

/** Reads the message once, in bounded memory. Rejects when its bytes cannot be read. */
export async function indexMessage(
  bytes: AsyncIterable<Uint8Array>,
  message: { readonly messageId: MessageId; readonly blobKey: string; readonly receivedAt: Date },
): Promise<MessageIndex> {
  const scanner = new MessageScanner();
  for await (const chunk of bytes) scanner.write(chunk);
  return toIndex(scanner.finish(), message);
}

/** What the index keeps of a scanned message. */
export function toIndex(
  scanned: ScannedMessage,
  {
    messageId,
    blobKey,
    receivedAt,
  }: { readonly messageId: MessageId; readonly blobKey: string; readonly receivedAt: Date },
): MessageIndex {
  return {
    messageId,
    // A message without any reference is a thread of its own.
    threadId: scanned.threadId ?? messageId,
    blobKey,
    size: scanned.sizeBytes,
    internalDateSeconds: Math.floor(receivedAt.getTime() / 1000),
    envelope: Buffer.from(scanned.envelope).toString('latin1'),
    bodyStructure: Buffer.from(scanned.bodyStructure).toString('latin1'),
    preview: scanned.preview,
    parts: scanned.parts,
    ...(scanned.headerCache === undefined ? {} : { headers: scanned.headerCache }),
  };
}
