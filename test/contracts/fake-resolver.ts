/** DNS by a table, for tests of what asks it. Passes the contract of Resolver (resolver.ts). */
import { isIP } from 'node:net';
import type { Answer, Resolver } from '../../mail/ports/resolver.ts';
import { failureOf, type RecordType, type Zone, type ZoneName } from './zone.ts';

const maxCnames = 8;

/** IPv6 addresses come first. `zone` may change between questions. */
export function fakeResolver(zone: Zone): Resolver {
  return {
    resolveMx: async (name) =>
      find(zone, name, (found) =>
        recordsOf(
          found,
          'MX',
          (found.mx ?? []).toSorted((a, b) => a.preference - b.preference),
        ),
      ),
    resolveAddresses: async (name) =>
      isIP(name) === 0 ? find(zone, name, addressesOf) : { kind: 'found', records: [name] },
  };
}

/** What the name has, or the last of those that its CNAMEs lead to. */
function find<Thing>(zone: Zone, name: string, ask: (found: ZoneName) => Answer<Thing>): Answer<Thing> {
  let found = zone[name.toLowerCase().replace(/\.$/, '')];
  for (let cnames = 0; found?.cname !== undefined; cnames += 1) {
    if (cnames === maxCnames) return { kind: 'failed', why: 'more than 8 CNAMEs' };
    found = zone[found.cname];
  }
  return found === undefined ? { kind: 'noName' } : ask(found);
}

function recordsOf<Thing>(found: ZoneName, type: RecordType, records: readonly Thing[]): Answer<Thing> {
  const why = failureOf(found, type);
  if (why !== undefined) return { kind: 'failed', why };
  return records.length === 0 ? { kind: 'none' } : { kind: 'found', records };
}

function addressesOf(found: ZoneName): Answer<string> {
  const answers = [recordsOf(found, 'AAAA', found.aaaa ?? []), recordsOf(found, 'A', found.a ?? [])];
  const records = answers.flatMap((answer) => (answer.kind === 'found' ? answer.records : []));
  if (records.length > 0) return { kind: 'found', records };
  return answers.find(({ kind }) => kind === 'failed') ?? { kind: 'none' };
}
