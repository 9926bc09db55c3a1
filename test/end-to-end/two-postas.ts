/** The reference scenario's two servers: pepe's at gmail.test and paco's at hotmail.test, each knowing where the other is. */
import { createTransport } from 'nodemailer';
import { freePortBase } from './free-ports.ts';
import type { User } from './maildrop.ts';
import { TestPosta } from './posta.ts';

export const pepe: User = { user: 'pepe@gmail.test', password: 'pepe-password' };
export const paco: User = { user: 'paco@hotmail.test', password: 'paco-password' };

export class TwoPostas implements AsyncDisposable {
  readonly gmail: TestPosta;
  readonly hotmail: TestPosta;

  private constructor(gmail: TestPosta, hotmail: TestPosta) {
    this.gmail = gmail;
    this.hotmail = hotmail;
  }

  static async start(options: { readonly args?: readonly string[] } = {}): Promise<TwoPostas> {
    const at = await freePortBase();
    const { args = [] } = options;
    const gmail = await startWith(pepe, ['--route', `hotmail.test=127.0.0.1:${at + 25}`, ...args]);
    const back = `gmail.test=127.0.0.1:${gmail.ports.smtp}`;
    return new TwoPostas(gmail, await startWith(paco, ['--route', back, ...args], at));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.gmail[Symbol.asyncDispose](), this.hotmail[Symbol.asyncDispose]()]);
  }
}

/** A Posta of one user's domain, which calls itself `mx.` that. */
export function startWith(
  { user, password }: User,
  args: readonly string[] = [],
  portBase?: number,
): Promise<TestPosta> {
  return TestPosta.start({
    accounts: { [user]: password },
    args: ['--hostname', `mx.${user.split('@')[1]}`, ...args],
    ...(portBase === undefined ? {} : { portBase }),
  });
}

export interface Submission {
  readonly to: readonly string[];
  readonly message: string | Uint8Array;
  /** `FULL` or `HDRS`, and keywords with commas (RFC 3461). */
  readonly dsn?: { readonly envid?: string; readonly ret?: string; readonly notify?: string };
}

/** nodemailer hands it in on 587 with STARTTLS and the user's password; the id under which it was queued. */
export async function submit(
  posta: TestPosta,
  { user, password }: User,
  submission: Submission,
): Promise<string> {
  const mailer = createTransport({
    host: '127.0.0.1',
    port: posta.ports.submission,
    requireTLS: true,
    name: 'client.test',
    auth: { user, pass: password },
    tls: { rejectUnauthorized: false },
  });
  const { to, message, dsn } = submission;
  try {
    const { response } = await mailer.sendMail({
      envelope: { from: user, to: [...to], ...(dsn === undefined ? {} : { dsn }) },
      raw: Buffer.from(message),
    });
    return response.split(' ').at(-1) ?? '';
  } finally {
    mailer.close();
  }
}
