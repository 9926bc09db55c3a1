/** An admin's command as an event: `{ "command": "account add", "input": { "address": "ann@example.org" } }`. */
import { z } from 'zod';
import { Secret } from '../../mail/auth/secret.ts';
import { refuse } from '../../mail/directory/refused.ts';
import { adminCommands, type AdminPorts } from './registry.ts';

const event = z.object({ command: z.string(), input: z.unknown().optional() });

/** Answers what the command does: its result, or a refusal with reason and hint. Rejects only for a fault. */
export function adminEvent(ports: AdminPorts): (given: unknown) => Promise<unknown> {
  return async (given) => {
    const parsed = event.safeParse(given);
    const command = parsed.success ? adminCommands.get(parsed.data.command) : undefined;
    if (!parsed.success || command === undefined)
      return refuse(
        'There is no such command.',
        `The event has "command", one of ${[...adminCommands.keys()].join(', ')}, and "input".`,
      );
    return revealed(await command(ports, parsed.data.input ?? {}));
  };
}

/** A password that was generated is told to whoever asked for it; nowhere else is it shown. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revealed(each)]));
}
