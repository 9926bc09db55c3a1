/** The admin's commands for a message. */
import { z } from 'zod';
import { findByNextHopId } from '../../mail/delivery/outbound/next-hop-ids.ts';
import { readOutbound } from '../../mail/delivery/outbound/outbound-queue.ts';
import { refuse, type Refused } from '../../mail/directory/refused.ts';
import { parseAccountId, parseMessageId, type AccountId } from '../../mail/mailbox/types.ts';
import type { KeptLine, KeptLog } from '../../mail/ports/kept-log.ts';
import { adminCommand, textInput } from './command.ts';
import { summarizeOutbound, type OutboundSummary } from './queue-commands.ts';
import { linesOfMessage, messagesNamed } from './trace-log.ts';
import { placesAnywhere, placesIn, type FiledMessage, type PlacePorts } from './trace-places.ts';

export interface MessagePorts extends PlacePorts {
  readonly keptLog: KeptLog;
}

/** All that is known of a message, in order. */
export interface TracedMessage {
  readonly messageId: string;
  /** From the session that brought it on; of the last 30 days. */
  readonly lines: readonly KeptLine[];
  /** Whether there are more lines than are shown. */
  readonly linesCut: boolean;
  /** Where it is filed here. */
  readonly accounts: readonly FiledMessage[];
  /** What became of it on other servers, up to 30 days after its end. */
  readonly recipients: readonly OutboundSummary[];
}

export interface MessagesTraced {
  readonly kind: 'done';
  /** One; several where a Message-ID names several. */
  readonly messages: readonly TracedMessage[];
}

/** `message trace`: by our id of the message, by its Message-ID, or by the one that Amazon SES gave it. */
export const messageTrace = adminCommand({
  name: 'message trace',
  input: z.strictObject({ id: textInput }),
  subject: ({ id }) => id,
  async run(ports: MessagePorts, { id }): Promise<MessagesTraced | Refused> {
    // By our id, by what a next hop called it, or by its sender's Message-ID.
    const ours = await findByNextHopId(ports.table, id.trim());
    const named = /^<?([^<>]*@[^<>]*)>?$/.exec(id.trim())?.[1];
    if (ours === undefined && named !== undefined) return traceNamed(ports, named);
    const traced = await trace(ports, ours ?? id.trim());
    return traced === undefined ? unknownMessage(id) : { kind: 'done', messages: [traced] };
  },
});

async function traceNamed(ports: MessagePorts, msgId: string): Promise<MessagesTraced | Refused> {
  const messages: TracedMessage[] = [];
  for (const messageId of await messagesNamed(ports.keptLog, msgId)) {
    const traced = await trace(ports, messageId);
    if (traced !== undefined) messages.push(traced);
  }
  if (messages.length > 0) return { kind: 'done', messages };
  return refuse(
    `No message with the Message-ID <${msgId}> came in the last 30 days.`,
    'Older ones, and those that were imported, are found by their id only: it stands in their first Received field after id.',
  );
}

/** undefined: nothing is known of it. */
async function trace(ports: MessagePorts, id: string): Promise<TracedMessage | undefined> {
  const messageId = parseMessageId(id);
  if (messageId === undefined) return undefined;
  const { lines, cut } = await linesOfMessage(ports.keptLog, messageId);
  const recipients = (await readOutbound(ports.table, messageId)).map(summarizeOutbound);
  const known = await placesIn(ports, messageId, accountsIn(lines));
  const accounts = known.length + recipients.length > 0 ? known : await placesAnywhere(ports, messageId);
  if (lines.length + accounts.length + recipients.length === 0) return undefined;
  return { messageId, lines, linesCut: cut, accounts, recipients };
}

function unknownMessage(id: string): Refused {
  return refuse(
    `Nothing is known of a message ${id}.`,
    'Its id stands in the answer to who sent it (queued as ID), in its first Received field after id, and as messageId in the log; its Message-ID does too.',
  );
}

/** The accounts that any line names. */
function accountsIn(lines: readonly KeptLine[]): readonly AccountId[] {
  const ids = lines.flatMap(({ fields }) =>
    [fields['accountId'], fields['account'], fields['accounts']].flat(),
  );
  return [...new Set(ids)].flatMap((id) => (typeof id === 'string' ? (parseAccountId(id) ?? []) : []));
}
