/** What changes of the directory need beside the table. */
import type { PasswordHasher } from '../auth/password.ts';
import type { AccountMail } from '../mailbox/mail-store.ts';
import type { AccountId, RandomBytes } from '../mailbox/types.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Table } from '../ports/table.ts';
import type { Wake } from '../ports/wake.ts';
import type { Directory } from './directory.ts';

export interface DirectoryPorts {
  readonly directory: Directory;
  readonly table: Table;
  readonly wake: Wake;
  readonly clock: Clock;
  readonly log: Log;
  /** `crypto.randomBytes`. */
  readonly random: RandomBytes;
  /** The store's epoch (`MailStorePorts.epoch`). */
  readonly epoch: number;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  /**
   * Whether mail may be sent on to addresses of other servers with their writers as senders; default yes. Amazon SES takes
   * only senders of our own domains.
   */
  readonly forwards?: 'allowed' | 'refused';
  /** A `MailStore`: quota and usage are the mailbox's, and so is what becomes of a removed account's mail. */
  readonly mail: { account(id: AccountId): Pick<AccountMail, 'usage' | 'setQuota' | 'remove'> };
}
