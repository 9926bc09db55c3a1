/** The names and numbers of a mailbox that must not be mixed, each made only by its parsing function. */
declare const brand: unique symbol;
type Branded<Base, Name> = Base & { readonly [brand]: Name };

/** An account, for life; never its address, which may change. 1 to 64 of `A-Za-z0-9_-`. */
export type AccountId = Branded<string, 'AccountId'>;
/** A mailbox's content, for life and whatever its name is (RFC 8474 MAILBOXID). As above. */
export type MailboxId = Branded<string, 'MailboxId'>;
/** A place in the tree of folders; usually, but not always, the id of the mailbox that was made with it. As above. */
export type FolderId = Branded<string, 'FolderId'>;
/** A message's content within Posta (RFC 8474 EMAILID), not its Message-ID field. As above. */
export type MessageId = Branded<string, 'MessageId'>;
/** A message's number in a mailbox, rising, never used twice (RFC 9051 section 2.3.1.1): 1 to 2^32 - 1. */
export type Uid = Branded<number, 'Uid'>;
/** The number of a commit in its account; 1 or more, at most 2^47. */
export type Rev = Branded<number, 'Rev'>;
/** A message's or mailbox's modification sequence (RFC 7162) is the rev of the commit that last changed it. */
export type ModSeq = Rev;

const idSyntax = /^[A-Za-z0-9_-]{1,64}$/;
const maxUid = 2 ** 32 - 1;
const maxRev = 2 ** 47;

/** The account id that `text` writes, or undefined when it writes none. */
export function parseAccountId(text: string): AccountId | undefined {
  return idSyntax.test(text) ? (text as AccountId) : undefined;
}

/** As `parseAccountId`, for a mailbox. */
export function parseMailboxId(text: string): MailboxId | undefined {
  return idSyntax.test(text) ? (text as MailboxId) : undefined;
}

/** As `parseAccountId`, for a folder. */
export function parseFolderId(text: string): FolderId | undefined {
  return idSyntax.test(text) ? (text as FolderId) : undefined;
}

/** As `parseAccountId`, for a message. */
export function parseMessageId(text: string): MessageId | undefined {
  return idSyntax.test(text) ? (text as MessageId) : undefined;
}

/** The uid that `number` is, or undefined when it is none. */
export function parseUid(number: number): Uid | undefined {
  return Number.isInteger(number) && number >= 1 && number <= maxUid ? (number as Uid) : undefined;
}

/** The rev that `number` is, or undefined when it is none. */
export function parseRev(number: number): Rev | undefined {
  return Number.isInteger(number) && number >= 1 && number <= maxRev ? (number as Rev) : undefined;
}

/** `parsed`, where the table says that it must be there; throws `DamagedItem` where it is not. */
export function sound<T>(parsed: T | undefined, what: string): T {
  if (parsed === undefined) throw new DamagedItem(what);
  return parsed;
}

/** An item of the table is not what this program or an older one writes: a fault, told with what was read. */
export class DamagedItem extends Error {
  constructor(what: string, options: { readonly cause?: unknown } = {}) {
    super(`the table holds something that is no ${what}`, options);
    this.name = 'DamagedItem';
  }
}

/** Where random bytes come from; `crypto.randomBytes`, or a seeded source in a test. */
export type RandomBytes = (size: number) => Uint8Array;

/** A new id or token: 20 hexadecimal digits, never seen before. */
export function newId(random: RandomBytes): string {
  return Buffer.from(random(10)).toString('hex');
}

/** 0 (inclusive) to 1 (exclusive), for jitter. */
export function randomFraction(random: RandomBytes): number {
  return Buffer.from(random(4)).readUInt32BE() / 2 ** 32;
}
