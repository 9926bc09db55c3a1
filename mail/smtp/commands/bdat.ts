/**
 * BDAT (RFC 3030 section 2): the message in counted chunks. A chunk that is refused is read all the same, so that its
 * octets never become commands; then the transaction is over. Where it announces more than anyone would read for that,
 * the session is over instead.
 *
 * A bare CR or LF is refused here as in DATA, though counted octets could carry it: without BINARYMIME a message
 * consists of lines, its octets must come back exactly, and on their way out they would be smuggled past a next hop
 * or a POP3 client that takes LF for a line's end. The last line may lack its CRLF: it is stored without.
 */
import { answer, type Command, type OctetReceiver, type Outcome } from '../command.ts';
import { MessageSink } from '../message-sink.ts';
import { replies, type Reply } from '../reply.ts';
import type { Session } from '../session.ts';
import { parseChunk, type Chunk } from '../syntax/chunk.ts';
import { beginMessage } from './begin-message.ts';

export const bdatCommand: Command = {
  verb: 'BDAT',
  syntax: 'BDAT octets [LAST]',
  purpose: 'sends the message, or a part of it, as so many octets',
  rfcs: ['RFC 3030 section 2'],
  progress: true,
  states: ['recipients', 'chunks'],
  async run(session, argument) {
    const chunk = parseChunk(argument);
    if (chunk.kind === 'bad') return answer(replies.badArguments(chunk.reason));
    const { messageBytes } = session.limits;
    if (chunk.value.octets > maxDroppedOctets(session))
      return { kind: 'end', reply: replies.tooLarge(messageBytes), farewell: replies.tooMuchRefused };
    const sink = session.transaction?.message ?? (await beginMessage(session));
    if (!(sink instanceof MessageSink)) return drop(session, chunk.value, sink);
    return receive(chunk.value, taken(session, sink, chunk.value));
  },
  refuse(session, argument, reply) {
    const chunk = parseChunk(argument);
    return chunk.kind === 'bad' ? answer(reply) : drop(session, chunk.value, reply);
  },
};

/** What is read of chunks only to be dropped, in one session. */
function maxDroppedOctets({ limits }: Session): number {
  return 2 * limits.messageBytes;
}

function drop(session: Session, chunk: Chunk, reply: Reply): Outcome {
  session.droppedOctets += chunk.octets;
  if (session.droppedOctets > maxDroppedOctets(session))
    return { kind: 'end', reply, farewell: replies.tooMuchRefused };
  if (chunk.octets === 0) return answer(reply);
  return { kind: 'silent', next: chunkReceiver(chunk, dropped(session, reply)) };
}

/** What becomes of a chunk's octets, and the outcome at its end. */
interface ChunkUse {
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<Outcome>;
  readonly tooSlow: boolean;
}

function dropped({ options, limits }: Session, reply: Reply): ChunkUse {
  const startedAt = options.clock.now();
  return {
    write: async () => {},
    end: async () => answer(reply),
    get tooSlow() {
      return options.clock.now() - startedAt > limits.messageMs;
    },
  };
}

function taken(session: Session, sink: MessageSink, { octets, last }: Chunk): ChunkUse {
  return {
    write: (bytes) => sink.write(bytes),
    async end() {
      if (last) return answer(await sink.finish());
      if (sink.tooSlow) return { kind: 'end', reply: replies.tooSlow };
      if (sink.refused === undefined) return answer(replies.chunkTaken(octets));
      await session.reset();
      return answer(sink.refused);
    },
    get tooSlow() {
      return sink.tooSlow;
    },
  };
}

async function receive(chunk: Chunk, use: ChunkUse): Promise<Outcome> {
  return chunk.octets === 0 ? use.end() : { kind: 'silent', next: chunkReceiver(chunk, use) };
}

function chunkReceiver(chunk: Chunk, use: ChunkUse): OctetReceiver {
  let missing = chunk.octets;
  return {
    kind: 'octets',
    async take(bytes) {
      const mine = bytes.subarray(0, Math.min(bytes.length, missing));
      missing -= mine.length;
      await use.write(mine);
      if (missing === 0) return { used: mine.length, outcome: await use.end() };
      if (use.tooSlow) return { used: mine.length, outcome: { kind: 'end', reply: replies.tooSlow } };
      return { used: mine.length };
    },
  };
}
