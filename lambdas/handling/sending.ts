/** Telling senders, and putting mail on its way to other servers, from a function's ports. */
import { createNotifySender } from '../../mail/delivery/notify-sender.ts';
import {
  queueOutbound,
  sendNotificationOutside,
  type QueueOutboundPorts,
} from '../../mail/delivery/outbound/queue-outbound.ts';
import type { RelayJob } from '../../mail/delivery/outbound/relay-job.ts';
import type { NotifySender } from '../../mail/delivery/report.ts';
import type { Blobs } from '../../mail/ports/blobs.ts';
import type { Clock } from '../../mail/ports/clock.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import type { Queue } from '../../mail/ports/queue.ts';
import type { Table } from '../../mail/ports/table.ts';
import type { RecipientDirectory } from '../../mail/routing/directory-port.ts';
import type { RouteJob } from '../../mail/routing/jobs.ts';
import type { RoutePorts } from '../../mail/routing/route.ts';

export interface SendingPorts {
  readonly directory: RecipientDirectory;
  readonly table: Table;
  readonly blobs: Blobs;
  readonly queues: { readonly route: Queue<RouteJob>; readonly relay: Queue<RelayJob> };
  readonly clock: Clock;
  readonly random: (size: number) => Uint8Array;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly hostname: string;
}

export function sending(ports: SendingPorts): {
  readonly notifySender: NotifySender;
  readonly sendOutside: RoutePorts['sendOutside'];
} {
  const { table, blobs, clock, random, queues } = ports;
  const outbound: QueueOutboundPorts = { table, blobs, clock, random, relayQueue: queues.relay };
  return {
    notifySender: createNotifySender({
      ...ports,
      routeQueue: queues.route,
      sendOutside: sendNotificationOutside(outbound),
    }),
    sendOutside: (outside) => queueOutbound(outbound, outside),
  };
}
