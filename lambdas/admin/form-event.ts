/**
 * A form that an admin filled in, as an event: `{ "form": "add-account", "fields": { "address": "anna@example.org" } }`,
 * all values texts. What a runbook gives back is kept in its history: a password is not among it.
 */
import { z } from 'zod';
import { Secret } from '../../mail/auth/secret.ts';
import { isRefused } from '../../mail/directory/refused.ts';
import { forms, noChoice, type Form, type FormField } from './forms.ts';
import { adminCommands, type AdminPorts } from './registry.ts';
import { readSize } from './size.ts';

/** Where a new password lies until an admin has read it. */
export interface KeptPasswords {
  /** Answers its name there. `what` says whose it is: it has no secret in it. */
  keep(password: Secret, what: string): Promise<string>;
}

const event = z.object({ form: z.string(), fields: z.record(z.string(), z.string().max(20_000)) });

export function isFormEvent(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'form' in given;
}

/** Rejects with what to do where the command refuses: then the runbook fails, and shows it. */
export function formEvent(ports: AdminPorts, passwords: KeptPasswords): (given: unknown) => Promise<unknown> {
  return async (given) => {
    const { form: name, fields } = event.parse(given);
    const form = forms.find((each) => each.name === name);
    const command = form && adminCommands.get(form.command);
    if (form === undefined || command === undefined)
      throw new Error(
        `There is no form ${name}. Deploy again, so that forms and function are of one version.`,
      );
    const result = await command(ports, inputOf(form, fields));
    if (isRefused(result)) throw new Error(`${result.reason} ${result.hint}`);
    return withoutPassword(result as object, {
      passwords,
      what: `${form.title}: ${fields['address']?.trim() ?? ''}`,
    });
  };
}

async function withoutPassword(
  result: object,
  { passwords, what }: { readonly passwords: KeptPasswords; readonly what: string },
): Promise<object> {
  const { password, ...rest } = result as { readonly password?: unknown };
  if (!(password instanceof Secret)) return rest;
  const parameter = await passwords.keep(password, what);
  return {
    ...rest,
    passwordParameter: parameter,
    next: `Open Parameter Store, show the value of ${parameter}, give it to its user, and delete it. It goes by itself within two days.`,
  };
}

/** What stays empty is not said. */
function inputOf(form: Form, fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const given = form.fields.flatMap((field) => {
    const text = (fields[field.name] ?? '').trim();
    const empty = text === '' || (field.kind === 'choice' && text === noChoice);
    return empty ? [] : [[field.name, valueOf(field, text)] as const];
  });
  return Object.fromEntries(given);
}

function valueOf({ kind, label }: FormField, text: string): unknown {
  switch (kind) {
    case 'text':
    case 'choice':
      return text;
    case 'list':
      return text
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== '');
    case 'yesNo':
      return text === 'yes';
    case 'bytes': {
      if (text === 'none') return null;
      const bytes = readSize(text);
      if (bytes === undefined) throw new Error(`${label}: write a size such as 200 MB or 5 GB, or none.`);
      return bytes;
    }
    default:
      return kind satisfies never;
  }
}
