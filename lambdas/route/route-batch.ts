/** A batch of the `route` queue: each message is routed by itself. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { DeliverJob, RouteJob } from '../../mail/routing/jobs.ts';
import { routeMessage } from '../../mail/routing/route.ts';
import type { Queue } from '../../mail/ports/queue.ts';
import { eachAlone } from '../handling/batch.ts';
import { sending, type SendingPorts } from '../handling/sending.ts';

export interface RouteBatchPorts extends SendingPorts {
  readonly queues: SendingPorts['queues'] & { readonly deliver: Queue<DeliverJob> };
}

export function routeBatch(ports: RouteBatchPorts): (event: SQSEvent) => Promise<SQSBatchResponse> {
  const { directory, log, metrics, queues } = ports;
  const route = { directory, deliverQueue: queues.deliver, ...sending(ports), log, metrics };
  return (event) => eachAlone<RouteJob>(event, ports, (job) => routeMessage(route, job));
}
