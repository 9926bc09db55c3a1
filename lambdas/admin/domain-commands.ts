/** The admin's commands for domains. */
import { z } from 'zod';
import { addDomain, setDomain, type DomainAdded } from '../../mail/directory/change-domain.ts';
import { listDomains } from '../../mail/directory/listing.ts';
import { isRefused, refuse, type Refused } from '../../mail/directory/refused.ts';
import { removeDomain, type DomainRemoved } from '../../mail/directory/remove-domain.ts';
import { adminCommand, textInput } from './command.ts';
import { summarizeDomain, type DomainSummary } from './summaries.ts';

export interface DomainDone {
  readonly kind: 'done';
  readonly domain: DomainSummary;
}

function summarized(result: DomainAdded | Refused): DomainDone | Refused {
  return isRefused(result) ? result : { kind: 'done', domain: summarizeDomain(result.domain) };
}

/** `domain add`: from now on the server takes its mail. */
export const domainAdd = adminCommand({
  name: 'domain add',
  input: z.strictObject({ domain: textInput }),
  subject: ({ domain }) => domain,
  run: async (ports, { domain }) => summarized(await addDomain(ports, domain)),
});

/** `domain set`: what is not given stays; null takes a setting away. */
export const domainSet = adminCommand({
  name: 'domain set',
  input: z.strictObject({
    domain: textInput,
    catchAll: textInput.nullable().optional(),
    postmaster: textInput.nullable().optional(),
    status: z.enum(['active', 'suspended']).optional(),
  }),
  subject: ({ domain }) => domain,
  async run(ports, { domain, ...settings }) {
    if (Object.values(settings).every((setting) => setting === undefined))
      return refuse('There is nothing to set.', 'Give --catch-all, --postmaster or --status.');
    return summarized(await setDomain(ports, domain, settings));
  },
});

/** `domain list`: all of them, by name. */
export const domainList = adminCommand({
  name: 'domain list',
  input: z.strictObject({}),
  subject: () => undefined,
  async run(ports) {
    const domains = await listDomains(ports);
    return { kind: 'done', domains: domains.map(summarizeDomain) } as const;
  },
});

/** `domain remove`: an empty one, or with `force` all that is in it. */
export const domainRemove = adminCommand({
  name: 'domain remove',
  input: z.strictObject({ domain: textInput, force: z.boolean().optional() }),
  subject: ({ domain }) => domain,
  run: (ports, input): Promise<DomainRemoved | Refused> => removeDomain(ports, input),
});
