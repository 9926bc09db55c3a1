/** The function behind Amazon SES's events. */
import { lambdaFunction } from '../../bin/function.ts';
import { Directory } from '../../mail/directory/directory.ts';
import { sending } from '../handling/sending.ts';
import { feedbackBatch } from './feedback-batch.ts';

export const handler = lambdaFunction('feedback', process.env, async (deployment) => {
  const { table, settings } = deployment;
  const directory = new Directory(table);
  const { notifySender } = sending({ ...deployment, directory, hostname: settings.hostname });
  return feedbackBatch({ ...deployment, notifySender });
});
