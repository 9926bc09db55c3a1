/** What the tests of directory, passwords and admin commands stand on: the embedded table and real mailboxes. */
import assert from 'node:assert/strict';
import { PasswordHasher, type DeriveKey } from '../../../mail/auth/password.ts';
import { Secret } from '../../../mail/auth/secret.ts';
import { addAccount } from '../../../mail/directory/change-account.ts';
import { addDomain } from '../../../mail/directory/change-domain.ts';
import { Directory } from '../../../mail/directory/directory.ts';
import type { DirectoryPorts } from '../../../mail/directory/directory-ports.ts';
import type { Refused } from '../../../mail/directory/refused.ts';
import { createMailStore } from '../../../mail/mailbox/create-mail-store.ts';
import type { MailStore } from '../../../mail/mailbox/mail-store.ts';
import type { AccountId } from '../../../mail/mailbox/types.ts';
import { parseAddress, type EmailAddress } from '../../../mail/message/address.ts';
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Table } from '../../../mail/ports/table.ts';
import { recordingLog, type RecordingLog } from '../../contracts/recording-log.ts';
import {
  MemoryBlobs,
  RecordingWake,
  seededRandom,
  StagedTable,
  temporaryTable,
} from '../mailbox/mail-kit.ts';

/** Time that a test moves; sleeping takes one turn of the event loop. */
export class SteppedClock implements Clock {
  time = Date.parse('2026-11-24T00:00:00Z');
  now(): number {
    return this.time;
  }
  sleep(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

/** scrypt replaced by a short stand-in that counts: the tests of `password.ts` use the real one. */
export function countingDerive(): { readonly derive: DeriveKey; readonly made: () => number } {
  let made = 0;
  return {
    made: () => made,
    async derive({ password, salt, parameters, bytes }) {
      made += 1;
      const text = JSON.stringify([password, salt.toString('hex'), parameters]);
      const hash = await crypto.subtle.digest('SHA-512', Buffer.from(text));
      return Buffer.from(hash).subarray(0, bytes);
    },
  };
}

export interface DirectoryKit extends AsyncDisposable {
  readonly ports: Omit<DirectoryPorts, 'mail'> & {
    readonly wake: RecordingWake;
    readonly log: RecordingLog;
    readonly mail: MailStore;
    readonly hasher: PasswordHasher;
  };
  readonly directory: Directory;
  readonly table: StagedTable;
  /** The table below it, without faults: for what another process does meanwhile. */
  readonly raw: Table;
  readonly clock: SteppedClock;
  readonly hashesMade: () => number;
  /** The ports of a second process on the same table. */
  another(seed: number, table?: Table): DirectoryPorts;
}

/** With the domains given, and DynamoDB's limits on a transaction. */
export async function directoryKit(...domains: readonly string[]): Promise<DirectoryKit> {
  const temporary = await temporaryTable();
  const table = new StagedTable(temporary.table);
  const clock = new SteppedClock();
  const wake = new RecordingWake();
  const log = recordingLog();
  const { derive, made } = countingDerive();
  const hasher = new PasswordHasher({ derive });
  const stores: MailStore[] = [];
  const portsOf = (seed: number, on: Table) => {
    const random = seededRandom(seed);
    const mail = createMailStore({
      table: on,
      blobs: new MemoryBlobs(),
      wake,
      clock,
      log,
      epoch: 1,
      random,
    });
    stores.push(mail);
    return { directory: new Directory(on), table: on, wake, clock, log, random, epoch: 1, hasher, mail };
  };
  const ports = portsOf(1, table);
  for (const domain of domains) {
    await done(addDomain(ports, domain));
    clock.time += 1000;
  }
  return {
    ports,
    directory: ports.directory,
    table,
    raw: temporary.table,
    clock,
    hashesMade: made,
    another: (seed, on = table) => portsOf(seed, on),
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store.settled();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

/** The result of a change that must not be refused. */
export async function done<Result extends { readonly kind: string }>(
  promise: Promise<Result | Refused>,
): Promise<Exclude<Result, Refused>> {
  const result = await promise;
  assert.notEqual(result.kind, 'refused', JSON.stringify(result));
  return result as Exclude<Result, Refused>;
}

/** The reason of a change that must be refused; a hint is always there. */
export async function refused(promise: Promise<{ readonly kind: string }>): Promise<string> {
  const result = await promise;
  assert.equal(result.kind, 'refused');
  const { reason, hint } = result as Refused;
  assert.ok(hint.length > 5, `no hint with: ${reason}`);
  return reason;
}

/** An address that is one. */
export function address(text: string): EmailAddress {
  const parsed = parseAddress(text);
  assert.ok(parsed, text);
  return parsed;
}

/** An account, a second after the one before it; its id. */
export async function account(
  kit: DirectoryKit,
  text: string,
  password = 'correct horse',
): Promise<AccountId> {
  kit.clock.time += 1000;
  const result = await done(addAccount(kit.ports, { address: text, password: new Secret(password) }));
  return result.account.id;
}

/** The keys of everything in these partitions. */
export async function everything(table: Table, partitions: readonly string[]): Promise<readonly string[]> {
  const pages = await Promise.all(partitions.map((pk) => table.query({ pk })));
  return pages.flatMap(({ items }) => items.map(({ pk, sk }) => `${pk} ${sk}`));
}
