/** The functions behind the `deliver` queue and the one beside it: file messages into mailboxes. */
import { lambdaFunction } from '../../bin/function.ts';
import type { Deployment } from '../../bin/deployment.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { deliverAsideEvent, deliverEvent, type DeliverEventPorts } from './deliver-event.ts';

export const handler = lambdaFunction('deliver', process.env, async (deployment) =>
  deliverEvent(portsOf(deployment)),
);

export const asideHandler = lambdaFunction('deliver-aside', process.env, async (deployment) =>
  deliverAsideEvent(portsOf(deployment)),
);

function portsOf(deployment: Deployment): DeliverEventPorts {
  const hostname = deployment.settings.hostname;
  return { ...deployment, directory: new Directory(deployment.table), hostname };
}
