/** Keeps the server's name leading to the task that runs, where no load balancer stands (profile single). */
import type { Log } from '../../mail/ports/log.ts';
import type { Zone } from '../../mail/ports/zone.ts';

export interface KeepAddressPorts {
  readonly hostname: string;
  /** Undefined while no task runs. */
  readonly findAddress: () => Promise<string | undefined>;
  readonly zone: Pick<Zone, 'put'>;
  readonly log: Log;
}

/** Clients come back within it when a task was replaced. */
const ttl = 60;

/** Asks what runs now, whatever the event says: events may come late, twice, or in another order. */
export function keepAddress(ports: KeepAddressPorts): () => Promise<void> {
  let known: string | undefined;
  return async () => {
    const { hostname, log } = ports;
    const address = await ports.findAddress();
    if (address === undefined) {
      log.warn('address.none', { hostname });
      return;
    }
    if (address === known) return;
    await ports.zone.put([{ name: hostname, type: 'A', ttl, values: [address] }]);
    known = address;
    log.info('address.kept', { hostname, address });
  };
}
