/** IMAP step by step, for the tests that must know which octets were sent and what each command was answered. */
import assert from 'node:assert/strict';
import { LineClient } from './line-client.ts';
import type { User } from './maildrop.ts';
import type { TestPosta } from './posta.ts';

/** A response without its CRLF: Latin-1 text in which `{310}` stands for each literal. */
export interface ImapResponse {
  readonly text: string;
  readonly literals: readonly Buffer[];
}

/** All that a command was answered. */
export interface ImapAnswer {
  /** Without `* `. */
  readonly untagged: readonly ImapResponse[];
  /** Without the tag: `OK [READ-WRITE] SELECT completed`. */
  readonly tagged: string;
}

/** A message as FETCH shows it. */
export interface Fetched {
  readonly uid: number;
  /** Sorted, without `\Recent`. */
  readonly flags: readonly string[];
  readonly message: Buffer;
}

export class ImapDialog implements Disposable {
  readonly #client: LineClient;
  #tags = 0;

  private constructor(client: LineClient) {
    this.#client = client;
  }

  /** A connection that was greeted; `before` goes ahead of all else. */
  static async connect(
    port: number,
    options: { readonly tls?: boolean; readonly timeoutMs?: number; readonly before?: string } = {},
  ): Promise<ImapDialog> {
    const client = await LineClient.connect(port, { timeoutMs: 60_000, ...options });
    if (options.before !== undefined) client.send(options.before);
    const dialog = new ImapDialog(client);
    const { text } = await dialog.response();
    assert.match(text, /^\* OK \[CAPABILITY IMAP4rev1 [^\]]+\] /);
    return dialog;
  }

  /** A session on the plain port that has logged in, and selected `mailbox` where one is named. */
  static async logIn(
    posta: TestPosta,
    { user, password }: User,
    options: { readonly mailbox?: string; readonly timeoutMs?: number } = {},
  ): Promise<ImapDialog> {
    const dialog = await ImapDialog.connect(posta.ports.imap, options);
    try {
      await dialog.ok(`LOGIN ${user} "${password}"`);
      if (options.mailbox !== undefined) await dialog.ok(`SELECT "${options.mailbox}"`);
      return dialog;
    } catch (fault) {
      dialog.close();
      throw fault;
    }
  }

  /** The next response, tagged or not. */
  async response(): Promise<ImapResponse> {
    let text = '';
    const literals: Buffer[] = [];
    for (;;) {
      const line = (await this.#client.bytesUntil('\r\n')).toString('latin1').slice(0, -2);
      text += line;
      const octets = /\{(\d+)\}$/.exec(line)?.[1];
      if (octets === undefined) return { text, literals };
      literals.push(await this.#client.octets(Number(octets)));
    }
  }

  /** Sends a command; its tag, for `answer`. */
  send(command: string): string {
    const tag = `t${++this.#tags}`;
    this.#client.send(`${tag} ${command}\r\n`);
    return tag;
  }

  /** Octets that are no command: a literal, or `DONE`. */
  sendOctets(octets: string | Uint8Array): void {
    this.#client.send(octets);
  }

  /** What comes until the tagged response. */
  async answer(tag: string): Promise<ImapAnswer> {
    const untagged: ImapResponse[] = [];
    for (;;) {
      const { text, literals } = await this.response();
      if (text.startsWith(`${tag} `)) return { untagged, tagged: text.slice(tag.length + 1) };
      assert.ok(text.startsWith('* '), `neither untagged nor of ${tag}: ${text}`);
      untagged.push({ text: text.slice(2), literals });
    }
  }

  async command(command: string): Promise<ImapAnswer> {
    return this.answer(this.send(command));
  }

  /** As `command`; throws unless it is answered OK. */
  async ok(command: string): Promise<ImapAnswer> {
    const answer = await this.command(command);
    if (!answer.tagged.startsWith('OK ')) throw new Error(`${command.split(' ', 1)[0]}: ${answer.tagged}`);
    return answer;
  }

  /** Sends a command and waits for its `+`; the tag. Throws when it is answered otherwise. */
  async begin(command: string): Promise<string> {
    const tag = this.send(command);
    const { text } = await this.response();
    if (!text.startsWith('+ ')) throw new Error(`${command.split(' ', 1)[0]}: ${text}`);
    return tag;
  }

  /** `before` is what stands between APPEND and the literal: `INBOX (\Seen)`. */
  async append(before: string, message: string | Uint8Array): Promise<ImapAnswer> {
    const octets = Buffer.from(message);
    const tag = await this.begin(`APPEND ${before} {${octets.length}}`);
    this.sendOctets(octets);
    this.sendOctets('\r\n');
    return this.answer(tag);
  }

  /** The messages of the selected mailbox, or those of `uids`; nothing becomes `\Seen`. */
  async messages(uids = '1:*'): Promise<Fetched[]> {
    const { untagged } = await this.ok(`UID FETCH ${uids} (UID FLAGS BODY.PEEK[])`);
    return untagged.filter(({ text }) => / FETCH .*BODY\[\]/.test(text)).map(readFetched);
  }

  /** The TLS handshake after STARTTLS. */
  async upgrade(): Promise<void> {
    await this.#client.upgrade();
  }

  /** What came, once the server has closed the connection. */
  rest(): Promise<string> {
    return this.#client.rest();
  }

  close(): void {
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function readFetched({ text, literals }: ImapResponse): Fetched {
  const flags = /FLAGS \(([^)]*)\)/.exec(text)?.[1]?.split(' ') ?? [];
  return {
    uid: Number(/UID (\d+)/.exec(text)?.[1]),
    flags: flags.filter((flag) => flag !== '' && flag !== '\\Recent').toSorted(),
    message: literals[0] ?? Buffer.from(/BODY\[\] "([^"]*)"/.exec(text)?.[1] ?? '', 'latin1'),
  };
}
