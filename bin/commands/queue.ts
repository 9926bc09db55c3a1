/** `posta queue`: mail on its way to other servers. */
import type { Command } from 'commander';
import type { AdminCommand } from '../../lambdas/admin/command.ts';
import {
  queueHold,
  queueList,
  queueRelease,
  queueRemove,
  queueRetry,
  queueShow,
  type OutboundSummary,
  type QueueChanged,
  type QueuePorts,
} from '../../lambdas/admin/queue-commands.ts';
import { addPlaceOptions } from '../options.ts';
import { print, printJson, printRows } from '../output.ts';
import { carryOut, runAdminPages, type AdminOptions } from './admin.ts';

export function defineQueue(queue: Command): void {
  queue.addHelpText('after', groupExamples);
  const command = (name: string, description: string) =>
    addPlaceOptions(queue.command(name).description(description));
  command('list', 'show the mail that waits for other servers, or is held')
    .option('--held', 'only what is held')
    .option('--waiting', 'only what waits for its next attempt')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  posta queue list --held')
    .action(list);
  command('show', 'show what became of a message at each recipient on another server')
    .argument('<id>', 'as posta queue list and the log name it')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  posta queue show 5e884898da28047151d0')
    .action(show);
  change(command('retry', 'send now, whatever the pause'), queueRetry, 'is sent now');
  change(command('release', 'let go what is held'), queueRelease, 'is sent now');
  change(command('hold', 'keep until it is released'), queueHold, 'is held');
  change(
    command('remove', 'take out of the queue; the sender is told').option(
      '--silent',
      'do not tell the sender',
    ),
    queueRemove,
    'is taken out of the queue',
  );
}

const groupExamples = `
Examples:
  posta queue list
  posta queue retry 5e884898da28047151d0
  posta queue hold 5e884898da28047151d0 paco@hotmail.test
  posta queue remove 5e884898da28047151d0`;

interface ListOptions extends AdminOptions {
  readonly held?: boolean;
  readonly waiting?: boolean;
}

async function list(options: ListOptions): Promise<void> {
  const { held = false, waiting = false } = options;
  const state = held === waiting ? {} : { state: held ? ('held' as const) : ('waiting' as const) };
  const recipients = await runAdminPages(async (after) => {
    const input = { ...state, ...(after === undefined ? {} : { after }) };
    const page = await runQueue(queueList, input, options);
    return { entries: page.recipients, next: page.next };
  });
  if (options.json) return printJson(recipients);
  printOutbound(recipients, 'Nothing waits for another server.');
}

async function show(messageId: string, options: AdminOptions): Promise<void> {
  const { recipients } = await runQueue(queueShow, { messageId }, options);
  if (options.json) return printJson(recipients);
  printOutbound(recipients, '');
}

/** As a table. */
export function printOutbound(recipients: readonly OutboundSummary[], none: string): void {
  printRows(
    recipients.map((entry) => ({
      id: entry.messageId,
      state: entry.state,
      from: entry.sender ?? '<>',
      to: entry.recipient,
      queued: seconds(entry.queuedAt),
      attempts: entry.attempts,
      next: entry.nextAttemptAt === null ? null : seconds(entry.nextAttemptAt),
      last: entry.heldBecause ?? entry.last,
    })),
    none,
  );
}

/** `2026-11-25T12:00:00Z` */
function seconds(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z');
}

interface Which {
  readonly messageId: string;
  readonly recipient?: string;
  readonly silent?: boolean;
}

/** A command that changes a message's recipients, or one of them. */
function change(command: Command, run: AdminCommand<Which, QueueChanged, QueuePorts>, done: string): void {
  command
    .argument('<id>', 'as posta queue list names it')
    .argument('[recipient]', 'only this one')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  posta queue ${command.name()} 5e884898da28047151d0`)
    .action(
      async (
        messageId: string,
        recipient: string | undefined,
        options: AdminOptions & { readonly silent?: boolean },
      ) => {
        const { silent } = options;
        const which = {
          messageId,
          ...(recipient === undefined ? {} : { recipient }),
          ...(silent === undefined ? {} : { silent }),
        };
        const { recipients } = await runQueue(run, which, options);
        if (options.json) return printJson(recipients);
        for (const each of recipients) print(`${each.recipient} ${sentence(each, done)}.`);
      },
    );
}

function sentence({ outcome, state }: QueueChanged['recipients'][number], done: string): string {
  switch (outcome) {
    case 'changed':
      return done;
    case 'beingSent':
      return 'is being sent just now: try again in a moment';
    case 'over':
      return `is ${state} already`;
    case 'alreadySo':
      return `is ${state}: there is nothing to do`;
    default:
      return outcome satisfies never;
  }
}

function runQueue<Input, Result>(
  command: AdminCommand<Input, Result, QueuePorts>,
  input: Input,
  place: AdminOptions,
): Promise<Result> {
  return carryOut(command, input, {
    place,
    portsOf: ({ store, clock, random, log, queues }) => ({
      table: store.table,
      clock,
      random,
      log,
      relayQueue: queues.relay,
    }),
  });
}
