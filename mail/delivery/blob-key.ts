/** Where a message's bytes lie: keys that an admin finds in the S3 console. A key never changes. */

/** `mailboxes/<domain>/<local part>~<account id>/<yyyy-mm>/<message id>.eml`: a message of one account. */
export function mailboxBlobKey(message: {
  /** The account's address, canonical. */
  readonly address: string;
  readonly accountId: string;
  readonly receivedAt: Date;
  readonly messageId: string;
}): string {
  const at = message.address.lastIndexOf('@');
  const localPart = encodeURIComponent(message.address.slice(0, at)).slice(0, 300);
  const month = message.receivedAt.toISOString().slice(0, 7);
  return `mailboxes/${message.address.slice(at + 1)}/${localPart}~${message.accountId}/${month}/${message.messageId}.eml`;
}

/** A message for several recipients, or for none that is known yet; each delivery copies from here. */
export function incomingBlobKey(messageId: string): string {
  return `incoming/${messageId}.eml`;
}

/** A message on its way to another server. */
export function outboundBlobKey(messageId: string): string {
  return `outbound/${messageId}.eml`;
}

/** Whether the blob lies among the account's own, so that a delivery adopts it. */
export function belongsToAccount(blobKey: string, accountId: string): boolean {
  return blobKey.startsWith('mailboxes/') && blobKey.split('/')[2]?.endsWith(`~${accountId}`) === true;
}
