/** What MAIL and RCPT share: the parameters behind the path (RFC 5321 section 4.1.2). */
import { refuse, set, type Extension, type ParameterRules, type ParameterVerdict } from '../extension.ts';
import { replies } from '../reply.ts';
import type { Session } from '../session.ts';
import { parseMailParameters } from '../syntax/mail-parameters.ts';

/**
 * Reads `text`. Each parameter is the business of the extension that registered it among the rules `rulesOf` the
 * command, and is taken only where that extension is offered.
 */
export function readParameters<Draft>(
  session: Session,
  text: string,
  rulesOf: (extension: Extension) => ParameterRules<Draft> | undefined,
): ParameterVerdict<Draft> {
  const written = parseMailParameters(text);
  if (written.kind === 'bad') return refuse(replies.badArguments(written.reason));
  let draft: Partial<Draft> = {};
  for (const { keyword, value } of written.parameters) {
    const extension = session.registry.extensions.find((each) => Object.hasOwn(rulesOf(each) ?? {}, keyword));
    const offered = extension?.keyword(session) !== undefined;
    const rule = extension !== undefined && offered ? rulesOf(extension)?.[keyword] : undefined;
    if (rule === undefined) return refuse(replies.unknownParameter(keyword));
    const verdict = rule(value, session);
    if (verdict.kind === 'refused') return verdict;
    draft = { ...draft, ...verdict.set };
  }
  return set(draft);
}
