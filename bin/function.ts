/** What every Lambda is: a deployment opened at its first invocation, a log on standard output, metrics told at each end. */
import type { Context } from 'aws-lambda';
import { EmfMetrics } from '../drivers/aws/metrics/emf-metrics.ts';
import { metricsNamespace, publishedMetrics } from '../drivers/aws/metrics/published-metrics.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { systemLog } from '../drivers/system/log.ts';
import { openDeployment, type Deployment } from './deployment.ts';
import { readDeploymentSettings, type Environment } from './deployment-settings.ts';

export type Handle<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/**
 * `compose` is called once for each cold start. One that fails is called again by the next invocation: what it waited
 * for may be there then.
 */
export function lambdaFunction<Event, Result>(
  service: string,
  environment: Environment,
  compose: (deployment: Deployment) => Promise<Handle<Event, Result>>,
): Handle<Event, Result> {
  const metrics = new EmfMetrics({
    destination: process.stdout,
    clock: systemClock(),
    namespace: metricsNamespace(environment['POSTA_STAGE'] ?? ''),
    service,
    published: publishedMetrics,
  });
  const open = async () => {
    const settings = readDeploymentSettings(environment);
    const log = systemLog({ level: settings.logLevel, destination: process.stdout }).with({ service });
    return compose(await openDeployment(settings, { wake: 'publish', log, metrics }));
  };
  let opened: Promise<Handle<Event, Result>> | undefined;
  return async (event, context) => {
    opened ??= open().catch((fault: unknown) => {
      opened = undefined;
      throw fault;
    });
    try {
      const handle = await opened;
      return await handle(event, context);
    } finally {
      metrics.flush();
    }
  };
}
