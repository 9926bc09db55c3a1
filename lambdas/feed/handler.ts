/** The function behind the table's stream. */
import { lambdaFunction } from '../../bin/function.ts';
import { feedBatch } from './feed-batch.ts';

export const handler = lambdaFunction('feed', process.env, async (deployment) =>
  feedBatch({ ...deployment, retentionDays: deployment.settings.retentionDays }),
);
