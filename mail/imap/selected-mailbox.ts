/** The mailbox that a session has selected: the process's shared view of it, and what this client was told of it. */
import type { MessageIndex } from '../mailbox/message-index.ts';
import type { MessageRecord } from '../mailbox/message-record.ts';
import type { OpenMailbox } from '../mailbox/mail-store.ts';
import { parseUid, sound, type MailboxId, type Rev, type Uid } from '../mailbox/types.ts';
import type { MailboxView } from '../mailbox/view.ts';
import { RecentRanges } from './recent-ranges.ts';
import { resolveSequenceSet, type NumberRange, type SequenceSet } from './syntax/sequence-set.ts';
import { Told } from './told.ts';

/** How a set names messages: by sequence numbers, or by uids (UID FETCH …). */
export type Numbering = 'sequence' | 'uid';

export class SelectedMailbox {
  /** Its full name when it was selected. */
  readonly name: string;
  readonly readOnly: boolean;
  readonly told: Told;
  readonly recent = new RecentRanges();
  /** The mailbox may have changed since it was last looked at. */
  stale = false;
  readonly #opened: OpenMailbox;
  readonly #openedAt: Rev;
  /** Keywords as FLAGS has named them, and whose they were: the view's set only grows, until it has another. */
  #keywordsTold: { readonly of: ReadonlySet<string>; readonly names: ReadonlySet<string> };

  constructor(options: { readonly opened: OpenMailbox; readonly name: string; readonly readOnly: boolean }) {
    this.#opened = options.opened;
    this.#openedAt = options.opened.view.rev;
    this.name = options.name;
    this.readOnly = options.readOnly;
    this.told = new Told(options.opened.view);
    const { keywords } = options.opened.view;
    this.#keywordsTold = { of: keywords, names: new Set(keywords) };
  }

  get mailbox(): MailboxId {
    return this.#opened.mailbox;
  }

  /** As of now, which may be further than what was told. */
  get view(): MailboxView {
    return this.#opened.view;
  }

  /** It was deleted; or it was INBOX, its messages have got another name, and new mail comes to another mailbox. */
  get gone(): boolean {
    const { deleted, inboxMovedAt } = this.view;
    return deleted || (this.name === 'INBOX' && inboxMovedAt > this.#openedAt);
  }

  /** Brings the view up to what the session has heard of; that the mailbox is no more is told after the command. */
  async catchUp(): Promise<void> {
    if (this.stale) await this.refresh();
  }

  /** Brings the view up to now. */
  async refresh(): Promise<'current' | 'deleted'> {
    this.stale = false;
    return this.#opened.refresh();
  }

  /** Whether there are keywords that FLAGS has not named. It must be told at once: they count as named from now on. */
  takeNewKeywords(): boolean {
    const { keywords } = this.view;
    const { of, names } = this.#keywordsTold;
    if (keywords === of && keywords.size === names.size) return false;
    this.#keywordsTold = { of: keywords, names: new Set(keywords) };
    return [...keywords].some((keyword) => !names.has(keyword));
  }

  /**
   * The messages that a set names, as ranges of indexes of `told` (from 0, both ends included), rising. `*` in an empty
   * mailbox names none, and neither does a uid that is not there; a sequence number that is not there is undefined.
   */
  resolve(set: SequenceSet, numbering: Numbering): readonly NumberRange[] | undefined {
    const { told } = this;
    if (numbering === 'uid') {
      const ranges = resolveSequenceSet(set, told.lastUid).map(({ from, to }) => ({
        from: told.lowerBound(from),
        to: told.lowerBound(to + 1) - 1,
      }));
      return ranges.filter(({ from, to }) => from <= to);
    }
    const ranges = resolveSequenceSet(set, told.count).map(({ from, to }) => ({
      from: from === 0 ? 0 : from - 1,
      to: to - 1,
    }));
    if (told.count === 0 && set.every(({ first, last }) => first === '*' || last === '*')) return [];
    return ranges.every(({ to }) => to < told.count) ? ranges : undefined;
  }

  /** The uids of resolved ranges. */
  *uidsOf(ranges: readonly NumberRange[]): Generator<Uid> {
    for (const { from, to } of ranges)
      for (let index = from; index <= to; index++) yield sound(parseUid(this.told.uidAt(index)), 'uid');
  }

  /** As of now; or as it last was, where it is gone and the client does not know; undefined where that is forgotten. */
  recordOf(uid: number): MessageRecord | undefined {
    const at = this.view.indexOf(uid);
    return at < 0 ? this.told.lastRecordOf(uid, this.view) : this.view.recordAt(at);
  }

  /** As `OpenMailbox.findMessages`: also of messages that are gone and of which the client does not know. */
  findMessages(uids: readonly Uid[]): Promise<readonly (MessageIndex | undefined)[]> {
    return this.#opened.findMessages(uids);
  }

  /** As `OpenMailbox.findEnvelopes`. */
  findEnvelopes(uids: readonly Uid[]): Promise<readonly (string | undefined)[]> {
    return this.#opened.findEnvelopes(uids);
  }

  close(): void {
    this.#opened.close();
  }
}
