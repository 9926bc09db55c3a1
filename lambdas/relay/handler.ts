/** The function behind the `relay` queue: hands messages for other servers to the next hop. */
import { deploymentNextHops } from '../../bin/deployment-next-hops.ts';
import { lambdaFunction } from '../../bin/function.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { sending } from '../handling/sending.ts';
import { relayBatch } from './relay-batch.ts';

export const handler = lambdaFunction('relay', process.env, async (deployment) => {
  const { table, settings } = deployment;
  const directory = new Directory(table);
  const { notifySender } = sending({ ...deployment, directory, hostname: settings.hostname });
  const openNextHops = await deploymentNextHops(deployment);
  return relayBatch({ ...deployment, notifySender, openNextHops });
});
