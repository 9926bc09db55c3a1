/** STARTTLS (RFC 3207), as the policy asks for it. */
import type { Conversation } from '../conversation.ts';
import type { Extensions } from '../extensions.ts';
import type { StartTlsPolicy } from '../options.ts';
import { isPositive } from '../reply.ts';
import { overBy, SessionOver } from '../session-over.ts';

/** Whether the connection was secured: then all that the server said before is forgotten, and EHLO is said anew. */
export async function startTls(
  talk: Conversation,
  { extensions, policy }: { readonly extensions: Extensions; readonly policy: StartTlsPolicy },
): Promise<boolean> {
  if (policy.kind === 'never') return false;
  const required = policy.kind === 'required';
  if (!extensions.startTls) {
    if (!required) return false;
    throw new SessionOver('tls', {
      step: 'startTls',
      status: '4.7.4',
      text: 'The server does not offer STARTTLS, which is required',
    });
  }
  const reply = await talk.ask('STARTTLS', 'startTls');
  if (!isPositive(reply)) {
    if (!required) return false;
    throw overBy(reply, {
      step: 'startTls',
      text: 'The server refused STARTTLS, which is required',
      why: 'tls',
    });
  }
  await talk.startTls({ serverName: policy.serverName, verify: required ? policy.verify : 'none' });
  return true;
}
