/** Posta on one machine, as the server opens it, with an authenticator that hashes nothing. */
import { openOneMachine, type OneMachine } from '../../bin/one-machine.ts';
import { createPasswordAuthenticator } from '../../mail/auth/password-authenticator.ts';
import { PasswordHasher } from '../../mail/auth/password.ts';
import { Directory } from '../../mail/directory/directory.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';

/** Every account's. */
export const password = 'correct horse battery';
/** Accounts are `user0` to `user<n - 1>` of one domain. */
export const domain = 'example.test';
export const addressOf = (number: number): string => `user${number}@${domain}`;

/** Only faults are said. */
export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (event, fault) => void process.stderr.write(`${event}: ${String(fault)}\n`),
  with: () => quietLog,
};

export const noMetrics: Metrics = {
  count: () => undefined,
  gauge: () => undefined,
  timeMs: () => undefined,
};

/** scrypt is left out: it costs the same whoever logs in, and more than all the rest. */
export const hasher = new PasswordHasher({ derive: ({ bytes }) => Promise.resolve(Buffer.alloc(bytes)) });

export async function openMachine(data: string): Promise<OneMachine> {
  return openOneMachine({ data, log: quietLog });
}

export function authenticatorOf({ store, clock }: OneMachine) {
  const { table } = store;
  const directory = new Directory(table);
  return createPasswordAuthenticator({ directory, table, clock, log: quietLog, metrics: noMetrics, hasher });
}
