/** APPEND whole: in one commit where it fits, else in parts that are all there at the end or not at all. */
import type { Blobs } from '../../ports/blobs.ts';
import { ChangeTooLarge } from '../account-writer.ts';
import type { AccountWriter } from '../account-writer.ts';
import { prepareMessage } from '../changes/add-message.ts';
import type { PreparedMessage } from '../changes/add-message.ts';
import { appendChange, checkAppend } from '../changes/append.ts';
import { runBulk } from '../changes/bulk.ts';
import { messagesAPart } from '../changes/parts.ts';
import { maxAppendMessages } from '../limits.ts';
import type { NewMessage } from '../mail-store.ts';
import type { AppendOutcome } from '../outcome.ts';
import { newId } from '../types.ts';
import type { MailboxId, RandomBytes } from '../types.ts';

/** What APPEND needs. */
export interface AppendPorts {
  readonly blobs: Blobs;
  readonly random: RandomBytes;
  readonly writer: AccountWriter;
}

export async function appendAll(
  ports: AppendPorts,
  options: { readonly mailbox: MailboxId; readonly messages: readonly NewMessage[] },
): Promise<AppendOutcome> {
  const { mailbox } = options;
  if (options.messages.length > maxAppendMessages) return { kind: 'tooMany' };
  const messages: PreparedMessage[] = [];
  for (const message of options.messages) messages.push(await prepareMessage(ports.blobs, message));
  if (messages.length > messagesAPart(ports.writer)) return appendInParts(ports, { mailbox, messages });
  try {
    return await ports.writer.submit(appendChange({ mailbox, messages }));
  } catch (fault) {
    if (!(fault instanceof ChangeTooLarge) || messages.length === 1) throw fault;
    return appendInParts(ports, { mailbox, messages });
  }
}

async function appendInParts(
  ports: AppendPorts,
  options: { readonly mailbox: MailboxId; readonly messages: readonly PreparedMessage[] },
): Promise<AppendOutcome> {
  const { writer } = ports;
  const { mailbox, messages } = options;
  const check = await writer.submit(checkAppend(options));
  if (check.kind !== 'fits') return check;
  const parts = await runBulk<PreparedMessage, AppendOutcome>({
    writer,
    token: newId(ports.random),
    mailbox,
    things: messages,
    partSize: messagesAPart(writer),
    changeOf: (part) => appendChange({ mailbox, messages: part }),
    addedBy: (result) => (result.kind === 'appended' ? result.uids : undefined),
  });
  if ('refusal' in parts) return parts.refusal;
  const last = parts.at(-1);
  if (last?.kind !== 'appended') throw new Error('an APPEND of no messages was cut');
  return { ...last, uids: parts.flatMap((part) => (part.kind === 'appended' ? part.uids : [])) };
}
