/**
 * APPEND (RFC 3501 section 6.3.11): the message goes to Blobs as it comes, and is durable before OK. APPENDUID is of
 * UIDPLUS.
 */
import { mailboxBlobKey } from '../../delivery/blob-key.ts';
import { toIndex } from '../../delivery/index-message.ts';
import { noFlags, type Flags } from '../../mailbox/flags.ts';
import type { AppendOutcome } from '../../mailbox/outcome.ts';
import { newId, parseMessageId, sound, type MailboxId } from '../../mailbox/types.ts';
import { MessageScanner } from '../../message/scan-message.ts';
import type { Upload } from '../../ports/blobs.ts';
import {
  badArguments,
  done,
  loggedIn,
  type Command,
  type Intake,
  type LiteralDecision,
  type Outcome,
} from '../command.ts';
import type { Session } from '../session.ts';
import { completed, statuses, type Status } from '../status.ts';
import { dateTime } from '../syntax/date-time.ts';
import { flagList } from '../syntax/flag-list.ts';
import { mailbox } from '../syntax/mailbox-name.ts';
import type { Scanner } from '../syntax/scanner.ts';

export const appendCommand: Command = {
  name: 'APPEND',
  rfcs: ['RFC 3501 section 6.3.11'],
  states: loggedIn,
  begin: (session) => new AppendIntake(session),
  run: (_, args) => badArguments('APPEND', args),
};

interface AppendArguments {
  readonly target: string;
  readonly flags: Flags;
  readonly internalDate: Date | undefined;
}

/** SP mailbox [SP flag-list] [SP date-time] SP: all that stands before the message. */
function appendArguments(args: Scanner): AppendArguments | undefined {
  args.space();
  const target = mailbox(args);
  args.space();
  const flags = args.looksAt('(') ? flagList(args) : noFlags;
  if (flags !== noFlags) args.space();
  const dated = args.looksAt('"');
  const internalDate = dated ? dateTime(args) : undefined;
  if (dated) args.space();
  if (args.failure !== undefined || target === undefined || flags === undefined) return undefined;
  return { target, flags, internalDate };
}

class AppendIntake implements Intake {
  readonly #session: Session;
  readonly #scanner = new MessageScanner();
  #upload: Upload | undefined;
  #mailbox: MailboxId | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  async literal(args: Scanner, octets: number): Promise<LiteralDecision> {
    if (this.#upload !== undefined) return { kind: 'refuse', status: statuses.syntax('APPEND', oneMessage) };
    const request = appendArguments(args);
    // Not yet the message: the mailbox's name as a literal.
    if (request === undefined && args.atEnd) return { kind: 'gather' };
    if (request === undefined || !args.atEnd)
      return { kind: 'refuse', status: statuses.syntax('APPEND', args.failure ?? oneMessage) };
    const refusal = await this.#refusalOf(request, octets);
    if (refusal !== undefined) return { kind: 'refuse', status: refusal };
    const upload = this.#session.options.blobs.begin();
    this.#upload = upload;
    return {
      kind: 'stream',
      sink: async (bytes) => {
        this.#scanner.write(bytes);
        await upload.write(bytes);
      },
    };
  }

  async run(args: Scanner): Promise<Outcome> {
    const request = appendArguments(args);
    args.streamedLiteral('a message');
    if (!args.end() || request === undefined || this.#upload === undefined || this.#mailbox === undefined)
      return badArguments('APPEND', args);
    const { mail, principal } = this.#session.user;
    const { blobs, clock, random } = this.#session.options;
    const messageId = sound(parseMessageId(newId(random)), 'message id');
    const receivedAt = request.internalDate ?? new Date(clock.now());
    const blobKey = mailboxBlobKey({
      address: principal.address,
      accountId: mail.id,
      receivedAt: new Date(clock.now()),
      messageId,
    });
    const scanned = this.#scanner.finish();
    const index = toIndex(scanned, { messageId, blobKey, receivedAt });
    const append = { mailbox: this.#mailbox, messages: [{ index, flags: request.flags }] };
    let outcome: AppendOutcome | undefined;
    await this.#upload.finish({
      key: blobKey,
      alongside: async () => void (outcome = await mail.append(append)),
    });
    if (outcome === undefined) throw new Error('a message was stored, and not appended');
    if (this.#session.maybeSelected !== undefined) this.#session.selected.stale = true;
    if (outcome.kind === 'appended') {
      this.#session.counts.appended += 1;
      this.#session.log.info('imap.appended', {
        messageId,
        msgId: scanned.messageId,
        account: mail.id,
        mailbox: this.#mailbox,
        uid: outcome.uids[0],
        bytes: scanned.sizeBytes,
      });
      return done(completed('APPEND', `APPENDUID ${outcome.uidValidity} ${outcome.uids.join(',')}`));
    }
    await blobs.delete([blobKey]);
    return done(refusalOf(outcome));
  }

  async dispose(): Promise<void> {
    await this.#upload?.abort();
  }

  /** What can be told before the message comes, the client need not send. */
  async #refusalOf(request: AppendArguments, octets: number): Promise<Status | undefined> {
    const { mail, limits } = this.#session;
    if (octets === 0) return statuses.emptyMessage;
    if (octets > limits.messageBytes) return statuses.messageTooLarge(limits.messageBytes);
    const found = await mail.findMailbox(request.target);
    if (found.kind !== 'found') return statuses.tryCreate;
    this.#mailbox = found.mailbox;
    const usage = await mail.usage();
    if (usage.kind !== 'usage') return statuses.noSuchMailbox;
    const full = usage.quotaBytes !== undefined && usage.bytes + octets > usage.quotaBytes;
    return full ? statuses.overQuota : undefined;
  }
}

const oneMessage = 'expected one message, as a literal at the end';

function refusalOf(outcome: Exclude<AppendOutcome, { readonly kind: 'appended' }>): Status {
  switch (outcome.kind) {
    case 'gone':
    case 'noSuchMailbox':
      return statuses.tryCreate;
    case 'overQuota':
      return statuses.overQuota;
    case 'tooManyKeywords':
      return statuses.tooManyKeywords;
    case 'badKeyword':
      return statuses.badKeyword;
    case 'tooMany':
      return statuses.tooManyMessages;
    case 'duplicate':
      // The id is new and random: this cannot be.
      throw new Error(`the id ${outcome.messageId} was given twice`);
    default:
      return outcome satisfies never;
  }
}
