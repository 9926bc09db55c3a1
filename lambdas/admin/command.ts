/** What every admin command has: input that is checked, a result or a refusal, and one line in the log. */
import { z } from 'zod';
import { Secret } from '../../mail/auth/secret.ts';
import type { DirectoryPorts } from '../../mail/directory/directory-ports.ts';
import type { Log } from '../../mail/ports/log.ts';
import { isRefused, refuse, type Refused } from '../../mail/directory/refused.ts';

/** A command: the same for `posta`, for a Lambda, and for a form in the console. Rejects only for a fault. */
export interface AdminCommand<Input, Result, Ports = DirectoryPorts> {
  (ports: Ports, input: Input): Promise<Result | Refused>;
  /** `account add`: as an event, the log and the command line name it. */
  readonly called: string;
}

/** Makes a command of a schema and what it does. `name` and what `subject` gives stand in the log, and no more. */
export function adminCommand<
  Schema extends z.ZodType,
  Result,
  Ports extends { readonly log: Log } = DirectoryPorts,
>(definition: {
  readonly name: string;
  readonly input: Schema;
  readonly subject: (input: z.output<Schema>) => string | undefined;
  readonly run: (ports: Ports, input: z.output<Schema>) => Promise<Result | Refused>;
}): AdminCommand<z.input<Schema>, Result, Ports> {
  const command = async (ports: Ports, given: z.input<Schema>): Promise<Result | Refused> => {
    const parsed = definition.input.safeParse(given);
    if (!parsed.success) return refuseInput(parsed.error);
    const result = await definition.run(ports, parsed.data);
    const fields = { command: definition.name, subject: definition.subject(parsed.data) };
    if (isRefused(result)) ports.log.info('admin.refused', { ...fields, reason: result.reason });
    else ports.log.info('admin.done', fields);
    return result;
  };
  return Object.assign(command, { called: definition.name });
}

/** The first thing that is wrong, by its name; never the value, which may be a password. */
function refuseInput(error: z.ZodError): Refused {
  const [issue] = error.issues;
  const where = issue?.path.join('.') ?? '';
  return refuse(
    `The input is not as the command wants it: ${where === '' ? 'the whole' : where} is wrong.`,
    `${issue?.message ?? 'Look at the command’s help'}.`,
  );
}

/** Text of an admin: an address, a domain, a name. What it means is checked by the command. */
export const textInput = z.string().min(1).max(1000);

/** A password on its way in; wrapped at once. */
export const passwordInput = z.union([
  z.instanceof(Secret),
  z
    .string()
    .max(4000)
    .transform((text) => new Secret(text)),
]);

/** Bytes of a quota: null, no limit. */
export const quotaInput = z.int().positive().nullable();

/** What every command that lists takes. */
export const listInput = z.strictObject({
  domain: textInput.optional(),
  after: textInput.optional(),
  limit: z.int().min(1).max(10_000).default(1000),
});
