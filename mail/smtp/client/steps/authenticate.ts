/** AUTH (RFC 4954) with PLAIN (RFC 4616) or LOGIN: only where nobody can listen. */
import { encodeBase64Line } from '../../../wire/base64-line.ts';
import type { Conversation } from '../conversation.ts';
import type { Extensions } from '../extensions.ts';
import { isLoopback } from '../loopback.ts';
import type { Credentials } from '../options.ts';
import { isIntermediate, isPositive, type ServerReply } from '../reply.ts';
import { overBy, SessionOver } from '../session-over.ts';

/** With CRLF: a longer command goes without its initial response (RFC 4954 section 4). */
const maxCommandOctets = 512;

/** A refusal is for an admin to mend, so it ends the session and no mail fails by it. */
export async function authenticate(
  talk: Conversation,
  { extensions, credentials }: { readonly extensions: Extensions; readonly credentials: Credentials },
): Promise<void> {
  if (talk.tls === undefined && !isLoopback(talk.remoteAddress))
    throw impossible('4.7.11', 'The password is not sent: the connection is not encrypted');
  const chosen = chooseMechanism(extensions, credentials);
  try {
    const reply = await exchange(talk, chosen);
    if (!isPositive(reply))
      throw overBy(reply, { step: 'auth', text: 'The server refused the user name or the password' });
  } catch (error) {
    throw error instanceof SessionOver
      ? withoutSecrets(error, [credentials.password.reveal(), ...chosen.responses])
      : error;
  }
}

interface Exchange {
  readonly mechanism: 'PLAIN' | 'LOGIN';
  /** In base64, in their order. */
  readonly responses: readonly string[];
}

function chooseMechanism({ mechanisms }: Extensions, { user, password }: Credentials): Exchange {
  const base64 = (text: string) => encodeBase64Line(Buffer.from(text));
  if (mechanisms.has('PLAIN'))
    return { mechanism: 'PLAIN', responses: [base64(`\0${user}\0${password.reveal()}`)] };
  if (mechanisms.has('LOGIN'))
    return { mechanism: 'LOGIN', responses: [base64(user), base64(password.reveal())] };
  const offered = [...mechanisms].join(' ') || 'none';
  throw impossible('4.7.4', `The server takes no password by PLAIN or LOGIN: it offers ${offered}`);
}

/** The last reply. LOGIN's first response never goes with the command: not all servers take it there. */
async function exchange(talk: Conversation, { mechanism, responses }: Exchange): Promise<ServerReply> {
  const waiting = [...responses];
  const initial = `AUTH ${mechanism} ${waiting[0] ?? ''}`;
  const withCommand = mechanism === 'PLAIN' && initial.length + '\r\n'.length <= maxCommandOctets;
  if (withCommand) waiting.shift();
  let reply = await talk.ask(withCommand ? initial : `AUTH ${mechanism}`, 'auth');
  while (isIntermediate(reply)) {
    const response = waiting.shift();
    // Where the server asks for more than the mechanism has, the exchange is taken back (section 4).
    if (response === undefined) return talk.ask('*', 'auth');
    reply = await talk.ask(response, 'auth');
  }
  return reply;
}

/** Some servers repeat what they were sent, and replies go into logs and to senders. */
function withoutSecrets(over: SessionOver, secrets: readonly string[]): SessionOver {
  if (over.reply === undefined) return over;
  const lines = over.reply.lines.map((line) =>
    secrets.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '[secret]')), line),
  );
  return new SessionOver(over.why, {
    step: over.step,
    status: over.status,
    text: over.message,
    reply: { ...over.reply, lines },
  });
}

function impossible(status: string, text: string): SessionOver {
  return new SessionOver('refused', { step: 'auth', status, text });
}
