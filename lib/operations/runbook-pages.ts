/** The pages of docs/operate/runbooks, written from the forms: what is asked, and the command that does the same. */
import { forms, type Form, type FormField } from '../../lambdas/admin/forms.ts';

/** By file name. */
export function runbookPages(): ReadonlyMap<string, string> {
  return new Map(forms.map((form) => [`${form.name}.md`, pageOf(form)]));
}

/** For the index. */
export function runbookList(): string {
  return forms.map(({ name, title }) => `- [${name}](runbooks/${name}.md): ${title}`).join('\n');
}

function pageOf({ name, title, help, command, fields }: Form): string {
  const rows = fields.map(
    ({ label, help: about, optional = false }) =>
      `- **${label}**${optional ? ' (may stay empty)' : ''}: ${about}`,
  );
  return [
    `# ${title}`,
    help,
    ...(rows.length === 0 ? [] : ['## What it asks', rows.join('\n')]),
    '## Where',
    `Systems Manager, Automation, \`<stage>-${name}\`. The same on the command line:`,
    ['```sh', `posta ${command}${argumentsOf(fields)} --stack <stage>`, '```'].join('\n'),
    '',
  ].join('\n\n');
}

/** Those that it cannot do without; `posta … --help` has the others. */
function argumentsOf(fields: readonly FormField[]): string {
  return fields
    .filter(({ optional = false }) => !optional)
    .map(({ label }) => ` ${label.toUpperCase()}`)
    .join('');
}
