/** Sessions that share an account and change it, each with a client that believes what it is told; and the truth. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { createMailStore } from '../../../mail/mailbox/create-mail-store.ts';
import { systemFlags } from '../../../mail/mailbox/flags.ts';
import type { AccountMail } from '../../../mail/mailbox/mail-store.ts';
import type { Table } from '../../../mail/ports/table.ts';
import { seededRandom } from '../../seeded-random.ts';
import { quickClock, RecordingWake, seededRandom as seededBytes, silentLog } from '../mailbox/mail-kit.ts';
import { ClientModel, type Listening } from './client-model.ts';
import { ImapServer } from './imap-server.ts';
import type { ImapSession } from './imap-session.ts';
import { readResponses, type Response } from './responses.ts';

type Tagged = Extract<Response, { readonly kind: 'tagged' }>;

/** A mailbox as it is. */
export interface Truth {
  readonly uidValidity: number;
  /** By uid, rising; flags in lower case. */
  readonly messages: ReadonlyMap<number, { readonly flags: ReadonlySet<string>; readonly modSeq: number }>;
}

/** One client. */
export interface Walker {
  readonly name: string;
  readonly process: number;
  session: ImapSession;
  model: ClientModel;
  mailbox: string;
  readOnly: boolean;
  /** Counts what was selected, for `\Recent`. */
  selection: number;
  /** The tag of its IDLE. */
  idling: string | undefined;
  /** Wake-ups were lost since IDLE began. */
  deaf: boolean;
  /** Wake-ups were lost since it last asked what is new. */
  missed: boolean;
}

/** A command that is ready to be sent. */
export interface Prepared {
  readonly walker: Walker;
  readonly text: string;
  readonly listening: Listening;
  /** Called with its answer; `alone`: nothing else has happened meanwhile. */
  settle(answer: Answer, alone: boolean): Promise<void> | void;
}

export interface Answer {
  readonly tagged: Tagged;
  readonly untagged: readonly Response[];
}

export const mailboxes = ['INBOX', 'Archive'] as const;

export class Walk {
  readonly server: ImapServer;
  readonly walkers: Walker[] = [];
  readonly random: () => number;
  /** What happened, for the message of a failure. */
  readonly diary: string[] = [];
  readonly #observer: AccountMail;
  /** Who was told that a message is recent, by uidValidity and uid. */
  readonly #recentTo = new Map<string, string>();
  #tags = 0;

  private constructor(server: ImapServer, observer: AccountMail, seed: number) {
    this.server = server;
    this.#observer = observer;
    this.random = seededRandom(seed);
  }

  static async open(table: Table, seed: number): Promise<Walk> {
    const server = await ImapServer.open({ table });
    // A process that reads only, so that looking at the truth moves nobody's view.
    const store = createMailStore({
      table,
      blobs: server.blobs,
      wake: new RecordingWake(),
      clock: quickClock(),
      log: silentLog,
      epoch: 1,
      random: seededBytes(0),
    });
    return new Walk(server, store.account(server.mail().id), seed);
  }

  integer(below: number): number {
    return Math.floor(this.random() * below);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<Thing>(things: readonly Thing[]): Thing {
    const thing = things[this.integer(things.length)];
    assert.ok(thing !== undefined);
    return thing;
  }

  async addWalker(process: number): Promise<void> {
    const session = await this.#connect(process);
    this.walkers.push({
      name: `${this.walkers.length + 1}@${process}`,
      process,
      session,
      model: new ClientModel(),
      mailbox: '',
      readOnly: false,
      selection: 0,
      idling: undefined,
      deaf: false,
      missed: this.server.wake.lost,
    });
  }

  async #connect(process: number): Promise<ImapSession> {
    await this.server.direct('process', String(process));
    return (await this.server.session('tls')).logIn();
  }

  /** The client goes away in the middle of a command, and comes again. */
  async breakOff({ walker, text }: Prepared): Promise<void> {
    this.diary.push(`${walker.name} ${text} (and is gone)`);
    const call = walker.session.recorded.engine.receive(Buffer.from(`t ${text}\r\n`, 'latin1'));
    for (let turns = this.integer(4); turns > 0; turns--) await turn();
    await Promise.all([call, walker.session.recorded.close()]);
    walker.session = await this.#connect(walker.process);
    walker.model = new ClientModel();
  }

  async truth(mailbox: string): Promise<Truth> {
    const open = await this.#observer.openByName(mailbox);
    assert.ok(open.kind === 'open');
    const { view } = open;
    const messages = new Map<number, { readonly flags: ReadonlySet<string>; readonly modSeq: number }>();
    for (let index = 0; index < view.count; index++) {
      const { uid, system, keywords, modSeq } = view.recordAt(index);
      const names = Object.entries(systemFlags).flatMap(([name, bit]) =>
        (system & bit) === 0 ? [] : [`\\${name}`],
      );
      const flags = new Set([...names, ...keywords.map((keyword) => keyword.toLowerCase())]);
      messages.set(uid, { flags, modSeq });
    }
    open.close();
    return { uidValidity: view.uidValidity, messages };
  }

  /** Sends a command while nothing else happens. */
  run(command: Prepared): Promise<void> {
    return this.runTogether([command], { alone: true });
  }

  /** Sends commands, all at once, and hears their answers; then everyone learns what is new. */
  async runTogether(commands: readonly Prepared[], { alone = false } = {}): Promise<void> {
    const answers = await Promise.all(commands.map((command) => this.#answer(command)));
    for (const [at, command] of commands.entries()) {
      const answer = answers[at];
      assert.ok(answer !== undefined);
      await command.settle(answer, alone);
    }
    await this.listenToIdle();
    for (const { walker } of commands) await this.learn(walker);
  }

  async #answer({ walker, text, listening }: Prepared): Promise<Answer> {
    const tag = `t${(this.#tags += 1)}`;
    const { model, session } = walker;
    assert.deepEqual(heard(session), [], 'something was said before the command');
    this.diary.push(`${walker.name} ${tag} ${text}`);
    model.listen(listening);
    await session.recorded.send([Buffer.from(`${tag} ${text}\r\n`, 'latin1')]);
    const responses = heard(session);
    for (const response of responses) {
      this.diary.push(`  ${walker.name} ${shown(response)}`);
      model.hear(response);
    }
    const tagged = responses.at(-1);
    assert.ok(tagged?.kind === 'tagged' && tagged.tag === tag, `no answer to ${text}`);
    model.listen('nothing');
    return { tagged, untagged: responses.slice(0, -1) };
  }

  /** The client asks for what it does not know, as clients do; it fails where a message came and went. */
  async learn(walker: Walker): Promise<void> {
    const { model } = walker;
    while (walker.idling === undefined && model.unknown.length > 0) {
      const text = `FETCH ${model.unknown.join(',')} (FLAGS UID${model.condstore ? ' MODSEQ' : ''})`;
      const { tagged } = await this.#answer({
        walker,
        text,
        listening: 'noExpunge',
        settle: () => undefined,
      });
      if (tagged.status === 'OK') continue;
      assert.equal(tagged.code, 'EXPUNGEISSUED');
      break;
    }
    if (walker.idling !== undefined) return;
    model.checkRecent();
    if (!walker.readOnly) this.#checkRecent(walker);
  }

  /** No other session, and no earlier selection, was told that these messages are recent (RFC 3501 section 2.3.2). */
  #checkRecent({ name, selection, model }: Walker): void {
    for (const { uid, recent } of model.messages) {
      if (uid === undefined || !recent) continue;
      const key = `${model.uidValidity}/${uid}`;
      const to = `${name} ${selection}`;
      assert.equal(this.#recentTo.get(key) ?? to, to, `${uid} is recent twice`);
      this.#recentTo.set(key, to);
    }
  }

  async beginIdle(walker: Walker): Promise<void> {
    const tag = `t${(this.#tags += 1)}`;
    this.diary.push(`${walker.name} ${tag} IDLE`);
    walker.idling = tag;
    walker.deaf = this.server.wake.lost;
    walker.model.listen('everything');
    await walker.session.recorded.send([Buffer.from(`${tag} IDLE\r\n`)]);
    await this.listenToIdle();
  }

  async endIdle(walker: Walker): Promise<void> {
    await this.listenToIdle();
    const tag = walker.idling;
    this.diary.push(`${walker.name} DONE`);
    await walker.session.recorded.send([Buffer.from('DONE\r\n')]);
    const responses = heard(walker.session);
    for (const response of responses) walker.model.hear(response);
    const tagged = responses.at(-1);
    assert.ok(tagged?.kind === 'tagged' && tagged.tag === tag && tagged.status === 'OK');
    walker.idling = undefined;
    walker.model.listen('nothing');
    await this.learn(walker);
  }

  /** What those in IDLE were told. */
  async listenToIdle(): Promise<void> {
    await this.server.settled();
    for (const { name, session, model, idling } of this.walkers) {
      if (idling === undefined) continue;
      for (const response of heard(session)) {
        this.diary.push(`  ${name} ${shown(response)}`);
        model.hear(response);
      }
    }
  }

  async endIdleAfterCheck(walker: Walker): Promise<void> {
    await this.listenToIdle();
    // It has heard of everything; only of new messages it knows no more than that they are there.
    if (!walker.deaf) await this.compare(walker);
    await this.endIdle(walker);
  }

  /** What the client knows is what is. */
  async compare({ name, model, mailbox }: Walker): Promise<void> {
    const { uidValidity, messages } = await this.truth(mailbox);
    assert.equal(model.uidValidity, uidValidity);
    assert.equal(model.exists, messages.size, `${name} counts messages`);
    for (const [at, [uid, truth]] of [...messages].entries()) {
      const known = model.messages[at];
      assert.ok(known !== undefined);
      if (known.uid === undefined) continue;
      assert.equal(known.uid, uid, `${name}, message ${at + 1}`);
      assert.deepEqual(known.flags, truth.flags, `${name}, flags of uid ${uid}`);
      if (model.condstore) assert.equal(known.modSeq, truth.modSeq, `${name}, mod-sequence of uid ${uid}`);
    }
  }

  async close(): Promise<void> {
    for (const { session } of this.walkers) await session.recorded.close();
    await this.server.finish();
  }
}

/** What a session has said since the last time. */
function heard(session: ImapSession): readonly Response[] {
  const pieces = session.recorded.said().map(({ octets, whole }) => {
    assert.ok(whole, 'a line without end');
    return Buffer.concat([octets, Buffer.from('\r\n')]);
  });
  return readResponses(Buffer.concat(pieces));
}

function shown(response: Response): string {
  if (response.kind === 'count') return `* ${response.number} ${response.name}`;
  if (response.kind === 'fetch') return `* ${response.number} FETCH ${JSON.stringify([...response.items])}`;
  return JSON.stringify(response);
}
