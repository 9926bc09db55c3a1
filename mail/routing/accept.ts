/** What the SMTP listener accepts: who may send, who is here, and the message's way into Blobs and the route queue. */
import { newId } from '../mailbox/types.ts';
import { canonicalDomain, needsUtf8, type EmailAddress } from '../message/address.ts';
import type { ForwardPath, RecipientVerdict, Refusal, SmtpHost, Transaction } from '../smtp/host.ts';
import type { AcceptPorts } from './accept-ports.ts';
import { AskedRecipients } from './asked-recipients.ts';
import { IncomingMessage } from './incoming-message.ts';
import { refusedForward, refusedOnward } from './onward.ts';
import { refusedForRoom } from './room.ts';

/** The listener's host on one machine and in a container alike. */
export function createSmtpHost(ports: AcceptPorts): SmtpHost {
  const recipients = new AskedRecipients(ports);
  const asking = { ...ports, recipients };
  return {
    checkSender: (transaction) => checkSender(ports, transaction),
    checkRecipient: (path, transaction) => checkRecipient(asking, path, transaction),
    async begin(envelope, client) {
      const messageId = newId(ports.random);
      return {
        kind: 'ok',
        incoming: new IncomingMessage(ports, { envelope, client, messageId, recipients }),
      };
    },
  };
}

/** RFC 6409 section 6.1: a user sends only as themselves. Anyone may name any sender on port 25. */
async function checkSender(
  { directory }: AcceptPorts,
  { client, reversePath }: Transaction,
): Promise<{ readonly kind: 'ok' } | Refusal> {
  if (client.role === 'mta' || reversePath === null) return { kind: 'ok' };
  const own = client.principal && (await directory.maySendAs(client.principal.accountId, reversePath));
  return own ? { kind: 'ok' } : { kind: 'senderNotOwn' };
}

async function checkRecipient(
  ports: AcceptPorts & { readonly recipients: AskedRecipients },
  path: ForwardPath,
  transaction: Transaction,
): Promise<RecipientVerdict> {
  const address = path.kind === 'mailbox' ? path.address : await ports.directory.postmaster();
  if (address === undefined) return { kind: 'unavailable' };
  if (needsUtf8(address) && !transaction.smtpUtf8) return { kind: 'recipientNeedsUtf8' };
  const resolution = await ports.recipients.ask(address);
  switch (resolution.kind) {
    case 'account':
      return (
        (await refusedForRoom(ports, resolution.accountId, transaction.declaredBytes ?? 1)) ?? {
          kind: 'ok',
          address,
        }
      );
    case 'alias': {
      // What a user of ours sends on has a sender of ours.
      const own = transaction.client.role === 'msa';
      return (own ? undefined : await refusedForward(ports, resolution.targets)) ?? { kind: 'ok', address };
    }
    case 'rejected':
      return {
        kind: 'recipientRejects',
        ...(resolution.reason === undefined ? {} : { detail: resolution.reason }),
      };
    case 'suspended':
      return { kind: 'recipientSuspended' };
    case 'unknown':
      return { kind: 'unknownRecipient' };
    case 'elsewhere':
      if (transaction.client.role === 'mta') return { kind: 'relayDenied' };
      if (!isRelayed(address)) return { kind: 'notRelayed' };
      return (await refusedOnward(ports, address)) ?? { kind: 'ok', address };
    default:
      return resolution satisfies never;
  }
}

/** Mail is handed on to the servers of domains, never to a machine by its number. */
function isRelayed({ domain }: EmailAddress): boolean {
  return !domain.startsWith('[') && canonicalDomain(domain) !== undefined;
}
