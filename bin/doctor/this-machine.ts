/** A server on this machine, as its options and its data directory say. */
import { hostname as machineName } from 'node:os';
import { standardPorts } from '../../containers/standard-ports.ts';
import { queueList } from '../../lambdas/admin/queue-commands.ts';
import { domainList } from '../../lambdas/admin/domain-commands.ts';
import { isRefused } from '../../mail/directory/refused.ts';
import { canonicalDomain } from '../../mail/message/address.ts';
import { mtaStsOf } from '../../mail/web/mta-sts.ts';
import { adminPorts } from '../admin-ports.ts';
import { withExistingMachine } from '../commands/with-machine.ts';
import { CommandFailure } from '../failure.ts';
import type { ServeOptions } from '../options.ts';
import type { Subject } from './subject.ts';

export async function thisMachine(options: ServeOptions): Promise<Subject> {
  const hostname = options.hostname ?? canonicalDomain(machineName()) ?? 'localhost';
  const { smartHost } = options;
  const sends = smartHost !== undefined ? 'smart-host' : options.mx ? 'mx' : 'hold';
  return withExistingMachine(options.data, async (machine) => {
    const ports = adminPorts(machine);
    const listed = await domainList(ports, {});
    const outbound = { ...ports, relayQueue: machine.queues.relay };
    const waiting = await queueList(outbound, { limit: 10_000 });
    if (isRefused(listed) || isRefused(waiting))
      throw new CommandFailure('the data directory cannot be read');
    const held = waiting.recipients.filter(({ state }) => state === 'held').length;
    const queues = Object.entries(machine.queues).map(async ([name, queue]) => {
      const { waiting: jobs, out, dead } = await queue.depth();
      const oldest = await queue.oldestSentAt();
      const seen = { name, waiting: jobs + out, dead };
      return oldest === undefined ? seen : { ...seen, oldestMs: machine.clock.now() - oldest.getTime() };
    });
    const [host = '127.0.0.1'] = options.host;
    return {
      hostname,
      sends,
      domains: listed.domains.map(({ domain }) => ({
        domain,
        hostname,
        sends,
        mtaSts: mtaStsOf(options.mtaSts, hostname),
        reportAddress: `postmaster@${domain}`,
      })),
      host: host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host,
      ports: Object.values(standardPorts).map((standard) => ({
        standard,
        port: options.portBase + standard,
        proxied: options.proxyProtocol.get(standard) === 'required',
      })),
      ...(smartHost === undefined ? {} : { smartHost }),
      queues: await Promise.all(queues),
      outbound: { held, waiting: waiting.recipients.length - held },
    };
  });
}
