/** The admin's commands for aliases. */
import { z } from 'zod';
import {
  addAlias,
  addRejection,
  removeAlias,
  setAlias,
  type AliasChanged,
} from '../../mail/directory/change-alias.ts';
import { listAliases } from '../../mail/directory/listing.ts';
import { isRefused, type Refused } from '../../mail/directory/refused.ts';
import { adminCommand, listInput, textInput } from './command.ts';
import { summarizeAlias, type AliasSummary } from './summaries.ts';

export interface AliasDone {
  readonly kind: 'done';
  readonly alias: AliasSummary;
  /** Sentences for the admin. */
  readonly warnings: readonly string[];
}

function summarized(result: AliasChanged | Refused): AliasDone | Refused {
  if (isRefused(result)) return result;
  return { kind: 'done', alias: summarizeAlias(result.alias), warnings: result.warnings };
}

const targetsInput = z.strictObject({
  address: textInput,
  targets: z.array(textInput).max(10_000),
  /** Takes targets that nobody here has yet. */
  allowMissing: z.boolean().optional(),
});

/** `alias add`. */
export const aliasAdd = adminCommand({
  name: 'alias add',
  input: targetsInput,
  subject: ({ address }) => address,
  run: async (ports, input) => summarized(await addAlias(ports, input)),
});

/** `alias set`: these targets in place of all that it had. */
export const aliasSet = adminCommand({
  name: 'alias set',
  input: targetsInput,
  subject: ({ address }) => address,
  run: async (ports, input) => summarized(await setAlias(ports, input)),
});

/** `alias refuse`: an address that refuses mail, such as one of someone who left. `alias remove` takes it away. */
export const aliasRefuse = adminCommand({
  name: 'alias refuse',
  input: z.strictObject({ address: textInput, reason: textInput.optional() }),
  subject: ({ address }) => address,
  run: async (ports, input) => summarized(await addRejection(ports, input)),
});

/** `alias list`: a page; ask again with `after: next` until there is none. */
export const aliasList = adminCommand({
  name: 'alias list',
  input: listInput,
  subject: ({ domain }) => domain,
  async run(ports, options) {
    const page = await listAliases(ports, options);
    if (isRefused(page)) return page;
    return { kind: 'done', aliases: page.entries.map(summarizeAlias), next: page.next ?? null } as const;
  },
});

/** `alias remove`. */
export const aliasRemove = adminCommand({
  name: 'alias remove',
  input: z.strictObject({ address: textInput }),
  subject: ({ address }) => address,
  run: async (ports, { address }) => summarized(await removeAlias(ports, address)),
});
