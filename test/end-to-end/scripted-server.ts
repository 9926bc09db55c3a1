/** Another mail server on loopback that answers as a test tells it: slow, forgetful, gone in the middle of a message. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Ends the connection instead of an answer. */
export const hangUp = Symbol('hang up');

/** `answer` says it, and ends the connection. */
export interface LastWords {
  readonly lastWords: string;
}

export type Answer = string | typeof hangUp | LastWords | undefined;

/**
 * What a command is answered; undefined: as an ordinary server does. `connect` stands for the greeting, `octets` for
 * each piece of a message that comes (to be answered with nothing, or by hanging up), `.` for its end.
 */
export type Script = (command: string, visit: Visit) => Answer | Promise<Answer>;

/** One connection, and what was said in it. */
export interface Visit {
  /** From 1. */
  readonly number: number;
  readonly commands: readonly string[];
}

/** A message that came to its end, whatever that was answered. */
export interface Arrived {
  readonly from: string;
  /** Those that were taken. */
  readonly to: readonly string[];
  readonly message: Buffer;
  /** MAIL, RCPT and their parameters, as they were said. */
  readonly commands: readonly string[];
  /** Whether the answer that the message was taken was sent. */
  taken: boolean;
}

const ordinary: Readonly<Record<string, string>> = {
  CONNECT: '220 other.test ESMTP',
  EHLO: '250-other.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-DSN\r\n250 SIZE 100000000',
  DATA: '354 go on',
  '.': '250 2.0.0 taken',
  QUIT: '221 2.0.0 bye',
};

export class ScriptedServer implements AsyncDisposable {
  readonly arrived: Arrived[] = [];
  readonly visits: Visit[] = [];
  /** May be changed at any time. */
  script: Script;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(script: Script) {
    this.script = script;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      const commands: string[] = [];
      const visit = { number: this.visits.length + 1, commands };
      this.visits.push(visit);
      new Session(this, { socket, visit, commands }).run().catch(() => socket.destroy());
    });
  }

  /** On a free port, unless one is named. */
  static async start(script: Script = () => undefined, port = 0): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(script);
    scripted.#server.listen(port, '127.0.0.1');
    await once(scripted.#server, 'listening');
    return scripted;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Messages that it has, as far as their sender was told. */
  get taken(): readonly Arrived[] {
    return this.arrived.filter(({ taken }) => taken);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }
}

/** The server's side of one connection. */
class Session {
  readonly #server: ScriptedServer;
  readonly #socket: Socket;
  readonly #visit: Visit;
  readonly #commands: string[];
  #from: string | undefined;
  #to: string[] = [];
  #said: string[] = [];

  constructor(
    server: ScriptedServer,
    about: { readonly socket: Socket; readonly visit: Visit; readonly commands: string[] },
  ) {
    this.#server = server;
    this.#socket = about.socket;
    this.#visit = about.visit;
    this.#commands = about.commands;
  }

  async run(): Promise<void> {
    if (!(await this.#answer('connect'))) return;
    let buffered = Buffer.alloc(0);
    let inMessage = false;
    for await (const chunk of this.#socket as AsyncIterable<Buffer>) {
      buffered = Buffer.concat([buffered, chunk]);
      if (inMessage && (await this.#server.script('octets', this.#visit)) === hangUp) return this.#hangUp();
      for (;;) {
        // A message of no lines ends with the dot alone.
        const empty = inMessage && buffered.subarray(0, 3).equals(Buffer.from('.\r\n'));
        const mark = inMessage && !empty ? '\r\n.\r\n' : '\r\n';
        const at = buffered.indexOf(mark);
        if (at < 0) break;
        const taken = buffered.subarray(0, at);
        buffered = buffered.subarray(at + mark.length);
        if (inMessage) {
          inMessage = false;
          if (!(await this.#end(empty ? Buffer.of() : Buffer.concat([taken, Buffer.from('\r\n')])))) return;
        } else {
          const reply = await this.#answer(taken.toString());
          if (!reply) return;
          inMessage = reply.startsWith('354');
        }
      }
    }
  }

  /** What was answered; undefined when the connection is over. */
  async #answer(command: string): Promise<string | undefined> {
    this.#commands.push(command);
    const verb = command.split(' ', 1)[0]?.toUpperCase() ?? '';
    const scripted = await this.#server.script(command, this.#visit);
    if (scripted === hangUp) return this.#hangUp();
    const last = typeof scripted === 'object';
    const reply = last ? scripted.lastWords : (scripted ?? this.#ordinary(verb));
    if (reply.startsWith('2')) this.#note(verb, command);
    await new Promise((resolve) => this.#socket.write(`${reply}\r\n`, resolve));
    if (last || verb === 'QUIT') return this.#hangUp();
    return reply;
  }

  #ordinary(verb: string): string {
    if (verb === 'DATA' && this.#to.length === 0) return '554 5.5.1 No valid recipients';
    return ordinary[verb] ?? '250 2.0.0 OK';
  }

  #note(verb: string, command: string): void {
    const path = /<(.*?)>/.exec(command)?.[1] ?? '';
    if (verb === 'MAIL') {
      this.#from = path;
      this.#to = [];
      this.#said = [command];
    } else if (verb === 'RCPT') {
      this.#to.push(path);
      this.#said.push(command);
    }
  }

  async #end(stuffed: Buffer): Promise<string | undefined> {
    const message = Buffer.from(stuffed.toString('latin1').replace(/^\.\./gm, '.'), 'latin1');
    const arrived: Arrived = {
      from: this.#from ?? '',
      to: this.#to,
      message,
      commands: this.#said,
      taken: false,
    };
    this.#server.arrived.push(arrived);
    const reply = await this.#answer('.');
    arrived.taken = reply?.startsWith('250') === true;
    return reply;
  }

  #hangUp(): undefined {
    this.#socket.destroy();
  }
}
