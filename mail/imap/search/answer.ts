/** What SEARCH answers: SEARCH (RFC 3501 section 7.2.5), or ESEARCH (RFC 4466 section 2.6.2) where options were asked. */
import type { ResponseWriter } from '../response-writer.ts';
import type { Session } from '../session.ts';
import type { Numbering } from '../selected-mailbox.ts';
import type { AskedReturn, Found } from './return-option.ts';

export interface Answer {
  readonly found: Found;
  readonly numbering: Numbering;
  /** undefined: the client knows no return options. */
  readonly asked: readonly AskedReturn[] | undefined;
  /** Whether MODSEQ was among the keys (RFC 7162 section 3.1.6, RFC 4731 section 3.2). */
  readonly modSeq: boolean;
}

export async function tellFound(session: Session, answer: Answer): Promise<void> {
  const { asked, found, modSeq, numbering } = answer;
  const { out, tag } = session;
  const tellsModSeq = modSeq && found.numbers.length > 0;
  if (asked === undefined) {
    await tellNumbers(out, found.numbers);
    out.text(tellsModSeq ? ` (MODSEQ ${found.highestModSeq})\r\n` : '\r\n');
    return;
  }
  for (const { keep } of asked) keep?.(session, found);
  if (asked.every(({ write }) => write === undefined)) return;
  out.text(`* ESEARCH (TAG "${tag.replace(/["\\]/g, '\\$&')}")${numbering === 'uid' ? ' UID' : ''}`);
  for (const { write } of asked) await write?.(found, out);
  out.text(tellsModSeq ? ` MODSEQ ${found.highestModSeq}\r\n` : '\r\n');
}

/** Numbers that are written before the client is waited for. */
const numbersAtOnce = 1000;

async function tellNumbers(out: ResponseWriter, numbers: readonly number[]): Promise<void> {
  out.text('* SEARCH');
  for (let at = 0; at < numbers.length; at += numbersAtOnce) {
    out.text(` ${numbers.slice(at, at + numbersAtOnce).join(' ')}`);
    await out.ready();
  }
}
