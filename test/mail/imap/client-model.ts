/**
 * The strictest client there is: it believes what it is told of its mailbox as RFC 3501 says, remembers all of it, and
 * fails at the first response that cannot be.
 */
import assert from 'node:assert/strict';
import { flagsIn, type Response, type Value } from './responses.ts';

/** A message as the client knows it; undefined is not known yet. */
export interface KnownMessage {
  uid: number | undefined;
  /** In lower case, without `\recent`. */
  flags: ReadonlySet<string> | undefined;
  recent: boolean;
  modSeq: number | undefined;
}

/** What may be said now: EXPUNGE not during FETCH, STORE and SEARCH, and nothing while no command runs (section 7.4.1). */
export type Listening = 'everything' | 'noExpunge' | 'nothing';

export class ClientModel {
  readonly messages: KnownMessage[] = [];
  /** Set while the mailbox is opened. */
  uidValidity = 0;
  highestModSeq = 0;
  /** The client has asked for mod-sequences. */
  condstore = false;
  listening: Listening = 'nothing';
  /** RECENT, as far as it can be known: messages that came and went were perhaps recent. */
  #recent: number | undefined = 0;
  #keywords = new Set<string>();
  /** Messages that were told with their flags since the command began. */
  readonly toldFlags = new Set<KnownMessage>();

  /** Nothing is selected. */
  forget(): void {
    this.messages.length = 0;
    this.#recent = 0;
    this.#keywords = new Set();
    this.uidValidity = 0;
    this.highestModSeq = 0;
  }

  /** A command begins, or IDLE; with `nothing` it ends. */
  listen(listening: Listening): void {
    this.listening = listening;
    if (listening !== 'nothing') this.toldFlags.clear();
  }

  get exists(): number {
    return this.messages.length;
  }

  /** Messages that the client knows only by their number. */
  get unknown(): readonly number[] {
    return this.messages.flatMap(({ uid, flags, modSeq }, at) =>
      uid === undefined || flags === undefined || (this.condstore && modSeq === undefined) ? [at + 1] : [],
    );
  }

  hear(response: Response): void {
    assert.notEqual(this.listening, 'nothing', 'something was said while no command ran');
    switch (response.kind) {
      case 'count':
        return this.#count(response.name, response.number);
      case 'fetch':
        return this.#fetch(response.number, response.items);
      case 'status':
        return this.#code(response.code);
      case 'data':
        if (response.name === 'FLAGS')
          this.#keywords = new Set(flagsIn(response.values[0]).map((flag) => flag.toLowerCase()));
        return;
      case 'tagged':
      case 'continue':
        return;
      default:
        return response satisfies never;
    }
  }

  #count(name: 'EXISTS' | 'RECENT' | 'EXPUNGE', number: number): void {
    switch (name) {
      case 'EXISTS':
        assert.ok(number >= this.exists, `EXISTS fell from ${this.exists} to ${number}`);
        while (this.exists < number)
          this.messages.push({ uid: undefined, flags: undefined, recent: false, modSeq: undefined });
        return;
      case 'RECENT':
        assert.ok(number <= this.exists, `${number} of ${this.exists} are recent`);
        this.#recent = number;
        return;
      case 'EXPUNGE': {
        assert.equal(this.listening, 'everything', 'EXPUNGE where no numbers may change');
        assert.ok(number <= this.exists, `EXPUNGE of ${number} where ${this.exists} are`);
        const [gone] = this.messages.splice(number - 1, 1);
        assert.ok(gone !== undefined);
        if (gone.flags === undefined) this.#recent = undefined;
        else if (gone.recent && this.#recent !== undefined) this.#recent -= 1;
        return;
      }
      default:
        return name satisfies never;
    }
  }

  #fetch(number: number, items: ReadonlyMap<string, Value>): void {
    const message = this.messages[number - 1];
    assert.ok(message !== undefined, `FETCH of ${number} where ${this.exists} are`);
    const uid = items.get('UID');
    if (uid !== undefined) this.#learnUid(number, Number(uid));
    const modSeq = items.get('MODSEQ');
    if (Array.isArray(modSeq)) {
      const value = Number(modSeq[0]);
      assert.ok(value >= (message.modSeq ?? 0), 'a mod-sequence fell');
      message.modSeq = value;
    }
    if (!items.has('FLAGS')) return;
    const flags = flagsIn(items.get('FLAGS')).map((flag) => flag.toLowerCase());
    for (const flag of flags)
      assert.ok(flag === '\\recent' || this.#keywords.has(flag), `FLAGS has not named ${flag}`);
    const recent = flags.includes('\\recent');
    if (message.flags !== undefined) assert.equal(recent, message.recent, `\\Recent of ${number} changed`);
    message.recent = recent;
    message.flags = new Set(flags.filter((flag) => flag !== '\\recent'));
    this.toldFlags.add(message);
  }

  /** Uids rise with the numbers, and stay (section 2.3.1.1). */
  #learnUid(number: number, uid: number): void {
    const message = this.messages[number - 1];
    assert.ok(message !== undefined);
    assert.ok(message.uid === undefined || message.uid === uid, `${number} was ${message.uid} and is ${uid}`);
    const before = this.messages.findLast((each, at) => at < number - 1 && each.uid !== undefined);
    const after = this.messages.find((each, at) => at > number - 1 && each.uid !== undefined);
    assert.ok((before?.uid ?? 0) < uid && uid < (after?.uid ?? Infinity), `uid ${uid} is out of order`);
    message.uid = uid;
  }

  #code(code: string | undefined): void {
    const [name, number] = code?.split(' ') ?? [];
    if (name === 'UIDVALIDITY') this.uidValidity = Number(number);
    if (name !== 'HIGHESTMODSEQ') return;
    assert.ok(Number(number) >= Math.max(1, this.highestModSeq), 'HIGHESTMODSEQ fell');
    this.highestModSeq = Number(number);
  }

  /** All is known: as many are recent as RECENT has told. */
  checkRecent(): void {
    if (this.#recent === undefined || this.unknown.length > 0) return;
    assert.equal(this.messages.filter(({ recent }) => recent).length, this.#recent, 'RECENT');
  }
}
