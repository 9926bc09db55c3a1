/** The function behind the `route` queue: decides where each accepted message goes. */
import { lambdaFunction } from '../../bin/function.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { routeBatch } from './route-batch.ts';

export const handler = lambdaFunction('route', process.env, async (deployment) =>
  routeBatch({
    ...deployment,
    directory: new Directory(deployment.table),
    hostname: deployment.settings.hostname,
  }),
);
