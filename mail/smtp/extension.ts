/** What a service extension is (RFC 5321 section 2.2): a keyword in EHLO's answer, commands, and parameters. */
import type { BodyType, NotifyKeyword, OriginalRecipient } from '../routing/envelope.ts';
import type { Command } from './command.ts';
import type { Reply } from './reply.ts';
import type { Session } from './session.ts';

/** What MAIL's parameters say, beside its path. */
export interface MailDraft {
  readonly body: BodyType;
  readonly smtpUtf8: boolean;
  readonly declaredBytes?: number;
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
}

/** What RCPT's parameters say, beside its path. */
export interface RcptDraft {
  readonly notify?: readonly NotifyKeyword[];
  readonly orcpt?: OriginalRecipient;
}

/** What a parameter makes of the draft, or why it is refused. */
export type ParameterVerdict<Draft> =
  { readonly kind: 'ok'; readonly set: Partial<Draft> } | { readonly kind: 'refused'; readonly reply: Reply };

/** Reads one parameter's value, undefined where it has none. */
export type ParameterRule<Draft> = (value: string | undefined, session: Session) => ParameterVerdict<Draft>;

export type ParameterRules<Draft> = Readonly<Record<string, ParameterRule<Draft>>>;

/** One extension is one file in `extensions/`; `registry.ts` lists them. */
export interface Extension {
  /** As the IANA registry of SMTP service extensions has it. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /** The line in EHLO's answer, or undefined where this session is not offered it now. */
  keyword(session: Session): string | undefined;
  /** By keyword in upper case; taken only where the extension is offered. */
  readonly mailParameters?: ParameterRules<MailDraft>;
  /** Likewise, of RCPT. */
  readonly rcptParameters?: ParameterRules<RcptDraft>;
  readonly commands?: readonly Command[];
}

/** A parameter is taken. */
export function set<Draft>(draft: Partial<Draft>): ParameterVerdict<Draft> {
  return { kind: 'ok', set: draft };
}

/** A parameter is refused. */
export function refuse(reply: Reply): { readonly kind: 'refused'; readonly reply: Reply } {
  return { kind: 'refused', reply };
}
