/** A process of its own, so that nothing is warm and its memory is its own: opens a filled store, measures, answers. */
import { AccountWatch } from '../../mail/mailbox/account-watch.ts';
import { authenticatorOf, openMachine } from './machine.ts';
import { measureAccounts } from './measure-accounts.ts';
import { measureMailbox, type MailboxAsked } from './measure-mailbox.ts';
import { memoryNow, type Memory, type Timed } from './measured.ts';

/** What the process is started with. */
export type Asked = { readonly data: string } & (
  | ({ readonly series: 'messages' } & MailboxAsked)
  | { readonly series: 'accounts'; readonly accounts: number }
);

/** What it answers with. */
export interface Answer {
  readonly idle: Memory;
  readonly timed: readonly Timed[];
}

async function answer(asked: Asked): Promise<Answer> {
  await using machine = await openMachine(asked.data);
  const { store, wake, clock, log, mail } = machine;
  await using watch = await AccountWatch.start({ table: store.table, wake, clock, log });
  await using authenticator = authenticatorOf(machine);
  const parts = { machine, store: mail, watch, authenticator };
  const idle = memoryNow();
  const timed =
    asked.series === 'messages' ? await measureMailbox(parts, asked) : await measureAccounts(parts, asked);
  return { idle, timed };
}

const answered = await answer(JSON.parse(process.argv[2] ?? '') as Asked);
process.send?.(answered, () => process.exit());
