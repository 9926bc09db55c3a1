/** What is measured, and how each should grow. */

/** `linear`: with the messages; the fitted exponent says whether it does no worse. */
export type Growth = 'flat' | 'logarithmic' | 'linear';

export interface Operation {
  readonly id: string;
  readonly name: string;
  /** With the messages of the mailbox; undefined: not measured. */
  readonly byMessages?: Growth;
  /** With the accounts of the store; undefined: not measured. */
  readonly byAccounts?: Growth;
  readonly why: string;
}

export const operations = [
  {
    id: 'delivery',
    name: 'Delivery of one message',
    byMessages: 'logarithmic',
    byAccounts: 'logarithmic',
    why: 'the recipient is looked up, the bytes and one commit reach the disk; trees of keys grow deeper',
  },
  {
    id: 'login',
    name: 'LOGIN, without the hash of the password',
    byAccounts: 'logarithmic',
    why: 'four lookups by key',
  },
  {
    id: 'select-cold',
    name: 'SELECT, cold',
    byMessages: 'linear',
    byAccounts: 'logarithmic',
    why: 'the records of all messages are read, 64 in a block; the first in a new process with the mailbox that grows, in a store of its own with the accounts',
  },
  {
    id: 'select-warm',
    name: 'SELECT, warm',
    byMessages: 'linear',
    byAccounts: 'logarithmic',
    why: 'another session has it open; the session copies the uids, and looks for the first message not seen',
  },
  {
    id: 'select-again',
    name: 'SELECT again, when nobody has it open',
    byMessages: 'linear',
    why: 'the process has kept what it knew of the mailbox, and follows the log',
  },
  {
    id: 'fetch',
    name: 'FETCH of a page of 50 at the end',
    byMessages: 'logarithmic',
    byAccounts: 'logarithmic',
    why: 'one lookup by key for each message; in the series of accounts a page is what the mailbox has',
  },
  {
    id: 'search-from',
    name: 'SEARCH FROM, the first one',
    byMessages: 'linear',
    why: 'nothing is found: each message’s envelope is looked at, until there is an index of words; what it folds the next search knows, as far as memory reaches (decision 20)',
  },
  {
    id: 'search-subject',
    name: 'SEARCH SUBJECT, the first one',
    byMessages: 'linear',
    why: 'as SEARCH FROM',
  },
  {
    id: 'store',
    name: 'STORE of one flag of one message',
    byMessages: 'logarithmic',
    byAccounts: 'logarithmic',
    why: 'one commit with one block',
  },
  {
    id: 'hear',
    name: 'NOOP that tells of a new message',
    byMessages: 'logarithmic',
    why: 'the session follows the log by what is new',
  },
  {
    id: 'expunge',
    name: 'EXPUNGE of one message',
    byMessages: 'linear',
    why: 'one commit with one block; but a message’s number counts those before it, and all after it get another',
  },
] as const satisfies readonly Operation[];

export type OperationId = (typeof operations)[number]['id'];
