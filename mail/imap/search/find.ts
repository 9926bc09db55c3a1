/**
 * Which messages match. Most are decided by their records; the index is read of those that are not, and the text of
 * those that are not decided then either.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { allSystemFlags } from '../../mailbox/flags.ts';
import { inParallel } from '../../mailbox/in-parallel.ts';
import { messageLimits } from '../../message/limits.ts';
import { ConnectionEnded } from '../../wire/engine.ts';
import { recordBatch } from '../fetch/batches.ts';
import { readEnvelopes, readIndexes } from '../fetch/read-indexes.ts';
import type { SelectedMailbox } from '../selected-mailbox.ts';
import type { Session } from '../session.ts';
import type { MailboxTexts } from './envelope-texts.ts';
import { readMessage } from './read-message.ts';
import type { Extent } from './return-option.ts';
import type { Criterion } from './search-key.ts';
import { SearchedMessage } from './searched-message.ts';

/** Indexes that are read at once; few where the first that matches may be enough. */
const indexesAtOnce = 64;
const indexesAtOnceOfFew = 8;
/** Texts that are read at once. */
const textsAtOnce = 8;
/** Octets of envelopes and headers that are decoded in one turn of the event loop. */
const octetsATurn = 256 * 1024;
/** Of messages that cannot be read in one search, so many are logged. */
const faultsLogged = 20;

/** What matched. */
export interface Matches {
  /** Places in what the client was told, rising. */
  readonly places: readonly number[];
  /** 0 where there is none. */
  readonly highestModSeq: number;
  /** Messages that could not be read; they count as not matching. */
  readonly unreadable: number;
}

/** Finds as many of them as `extent` asks for. Rejects with `ConnectionEnded` when the session must end. */
export async function findMatches(
  session: Session,
  { criterion, extent }: { readonly criterion: Criterion; readonly extent: Extent },
): Promise<Matches> {
  const finding = new Finding(session, criterion);
  const first = await finding.collect('rising', extent.first);
  const whole = extent.first > 0 && first.length < extent.first;
  const last = whole ? [] : await finding.collect('falling', extent.last);
  const behind = last.toReversed().filter((place) => place > (first.at(-1) ?? -1));
  const { highestModSeq, unreadable } = finding;
  return { places: [...first, ...behind], highestModSeq, unreadable };
}

/** A message that its record has not ruled out. */
interface Candidate {
  readonly message: SearchedMessage;
  matches: boolean | undefined;
}

class Finding {
  highestModSeq = 0;
  unreadable = 0;
  readonly #session: Session;
  readonly #selected: SelectedMailbox;
  readonly #criterion: Criterion;
  readonly #texts: MailboxTexts;
  /** What of each message's header may be decoded. */
  readonly #headerOctets: number;

  constructor(session: Session, criterion: Criterion) {
    this.#session = session;
    this.#selected = session.selected;
    this.#criterion = criterion;
    this.#texts = session.envelopeTexts.of(session.selected.mailbox);
    const enveloped = criterion.stage === 'record' || criterion.stage === 'index';
    this.#headerOctets = enveloped ? 0 : messageLimits.maxCachedHeaderBytes;
  }

  /** The first `most` matches in that order. */
  async collect(order: 'rising' | 'falling', most: number): Promise<readonly number[]> {
    const { byFlags, stage } = this.#criterion;
    if (byFlags !== undefined) return this.#collectByFlags(byFlags, { order, most });
    const places: number[] = [];
    const { count } = this.#selected.told;
    // Where records decide there is nothing to wait for.
    const byIndex = most < indexesAtOnce ? indexesAtOnceOfFew : indexesAtOnce;
    const atOnce = stage === 'record' ? recordBatch : byIndex;
    for (let done = 0; done < count && places.length < most; done += recordBatch) {
      const candidates = this.#judgeRecords({ order, from: done, to: Math.min(count, done + recordBatch) });
      for (let at = 0; at < candidates.length && places.length < most; at += atOnce) {
        const group = candidates.slice(at, at + atOnce);
        const open = group.filter(({ matches }) => matches === undefined);
        if (open.length > 0) await this.#settle(open);
        for (const { message, matches } of group)
          if (matches === true && places.length < most) places.push(this.#take(message));
      }
      await this.#pause();
    }
    return places;
  }

  /** Where flags decide, no message is looked at by itself. */
  async #collectByFlags(
    byFlags: NonNullable<Criterion['byFlags']>,
    { order, most }: { readonly order: 'rising' | 'falling'; readonly most: number },
  ): Promise<readonly number[]> {
    const matching = Array.from({ length: allSystemFlags + 1 }, (_, system) => byFlags(system));
    const places: number[] = [];
    const { told, view } = this.#selected;
    for (let step = 0; step < told.count && places.length < most; step += 1) {
      if (step % recordBatch === recordBatch - 1) await this.#pause();
      const place = order === 'rising' ? step : told.count - 1 - step;
      const uid = told.uidAt(place);
      const at = view.indexOf(uid);
      const gone = at < 0 ? told.lastRecordOf(uid, view) : undefined;
      const system = at < 0 ? gone?.system : view.systemFlagsAt(at);
      if (system === undefined || matching[system] !== true) continue;
      places.push(place);
      this.highestModSeq = Math.max(this.highestModSeq, gone?.modSeq ?? view.modSeqAt(at));
    }
    return places;
  }

  #take({ place, record }: SearchedMessage): number {
    this.highestModSeq = Math.max(this.highestModSeq, record.modSeq);
    return place;
  }

  /** Those from the `from`th up to the `to`th in that order that may match. */
  #judgeRecords(part: {
    readonly order: 'rising' | 'falling';
    readonly from: number;
    readonly to: number;
  }): readonly Candidate[] {
    const { told, recent } = this.#selected;
    const texts = this.#texts;
    const candidates: Candidate[] = [];
    for (let step = part.from; step < part.to; step += 1) {
      const place = part.order === 'rising' ? step : told.count - 1 - step;
      const record = this.#selected.recordOf(told.uidAt(place));
      // Gone, and what it was is forgotten.
      if (record === undefined) continue;
      const message = new SearchedMessage({ place, record, recent: recent.has(record.uid), texts });
      const matches = this.#criterion.matches(message);
      if (matches !== false) candidates.push({ message, matches });
    }
    return candidates;
  }

  /** Reads of them what is needed, until each is decided. */
  async #settle(all: readonly Candidate[]): Promise<void> {
    const open = this.#criterion.asksEnvelope === true ? await this.#judgeEnvelopes(all) : all;
    for (let done = 0; done < open.length;) done += await this.#settleFirst(open.slice(done));
  }

  /** Those that their envelopes have not decided. */
  async #judgeEnvelopes(all: readonly Candidate[]): Promise<readonly Candidate[]> {
    for (let done = 0; done < all.length;) {
      const left = all.slice(done);
      const found = await readEnvelopes(this.#selected, {
        uids: left.map(({ message }) => message.record.uid),
        unreadable: (fault) => this.#unreadable(fault),
      });
      await this.#judgeFound(left, found, ({ message }, { envelope }) => {
        message.learnEnvelope(envelope);
        return envelope.length;
      });
      done += found.length;
    }
    const open = all.filter(({ matches }) => matches === undefined);
    for (const { message, matches } of all) if (matches !== undefined) message.forget();
    await this.#pause();
    return open;
  }

  /** Judges the candidates of which something was found; `learn` tells how many octets may be decoded for it. */
  async #judgeFound<Found extends object>(
    candidates: readonly Candidate[],
    found: readonly (Found | string)[],
    learn: (candidate: Candidate, found: Found) => number,
  ): Promise<void> {
    let octets = 0;
    for (const [at, one] of found.entries()) {
      const candidate = candidates[at];
      if (candidate === undefined) return;
      if (typeof one === 'object') {
        octets += learn(candidate, one);
        candidate.matches = this.#criterion.matches(candidate.message);
      } else candidate.matches = false;
      if (octets < octetsATurn) continue;
      octets = 0;
      await this.#pause();
    }
  }

  /** Of as many as can be held at once; how many those were. */
  async #settleFirst(all: readonly Candidate[]): Promise<number> {
    const indexes = await readIndexes(this.#selected, {
      uids: all.map(({ message }) => message.record.uid),
      // What reads a text looks at the structure, and takes what is damaged for unreadable too.
      needs: new Set(),
      unreadable: (fault) => this.#unreadable(fault),
    });
    const open = all.slice(0, indexes.length);
    await this.#judgeFound(open, indexes, ({ message }, index) => {
      message.learnIndex(index);
      return index.envelope.length + this.#headerOctets;
    });
    const unread = open.filter(({ matches }) => matches === undefined);
    await inParallel(unread, textsAtOnce, (candidate) => this.#readText(candidate));
    for (const { message } of open) message.forget();
    await this.#pause();
    return open.length;
  }

  async #readText(candidate: Candidate): Promise<void> {
    const { message } = candidate;
    const { blobs } = this.#session.options;
    try {
      await readMessage(message, { criterion: this.#criterion, blobs, pause: () => this.#pause() });
      candidate.matches = this.#criterion.matches(message);
    } catch (error) {
      if (error instanceof ConnectionEnded) throw error;
      this.#unreadable(error);
    }
  }

  /** A message that cannot be read is a fault of that message only. */
  #unreadable(fault: unknown): undefined {
    this.unreadable += 1;
    if (this.unreadable <= faultsLogged) this.#session.fault(fault, 'SEARCH');
    return undefined;
  }

  /** Lets other sessions go on. */
  async #pause(): Promise<void> {
    await turn();
    await this.#session.out.ready();
  }
}
