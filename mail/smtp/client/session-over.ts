/** The end of a session that was not asked for: the one exception that the steps throw, and only the session catches. */
import type { Step } from './limits.ts';
import { quoteReply, type ServerReply } from './reply.ts';
import { statusInClass, statusOf } from './status.ts';

/**
 * - `lost`: the connection broke, or nothing came for too long.
 * - `leaving`: the server takes leave (421).
 * - `refused`: it does not want this session: a greeting, EHLO or AUTH that failed.
 * - `tls`: the handshake failed, or what must be secured cannot be.
 * - `outOfStep`: what it says is no reply, or none to what it was asked.
 */
export type SessionEnd = 'lost' | 'leaving' | 'refused' | 'tls' | 'outOfStep';

export class SessionOver extends Error {
  readonly why: SessionEnd;
  readonly step: Step;
  /** Of class 4; `permanent` is for the caller to look at. */
  readonly status: string;
  readonly reply: ServerReply | undefined;

  constructor(
    why: SessionEnd,
    about: {
      readonly step: Step;
      readonly status: string;
      readonly text: string;
      readonly reply?: ServerReply;
    },
  ) {
    super(about.text);
    this.name = 'SessionOver';
    this.why = why;
    this.step = about.step;
    this.status = about.status;
    this.reply = about.reply;
  }

  /** The server takes no mail at all, now or later (RFC 7504 section 3). */
  get permanent(): boolean {
    return this.why === 'refused' && this.reply?.code === 521;
  }
}

/** Of a reply that ends the session. */
export function overBy(
  reply: ServerReply,
  { step, text, why }: { readonly step: Step; readonly text: string; readonly why?: SessionEnd },
): SessionOver {
  const leaving = reply.code === 421;
  return new SessionOver(why ?? (leaving ? 'leaving' : 'refused'), {
    step,
    status: statusInClass(statusOf(reply, step), 4),
    text: leaving ? 'The server takes leave' : text,
    reply,
  });
}

/** For a reply that belongs to nothing asked. */
export function outOfStep(reply: ServerReply, step: Step): SessionOver {
  return new SessionOver('outOfStep', {
    step,
    status: '4.5.0',
    text: `The server answered ${step} with what is no answer to it: ${quoteReply(reply)}`,
    reply,
  });
}
