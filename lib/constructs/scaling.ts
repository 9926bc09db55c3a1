/** More tasks as connections and load grow, up to what the settings allow. */
import { Duration } from 'aws-cdk-lib';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { metricsNamespace } from '../../drivers/aws/metrics/published-metrics.ts';

export interface ScalingOptions {
  readonly stage: string;
  /** As it names itself in its metrics. */
  readonly program: string;
  readonly maxTasks: number;
}

/** A task of 512 MB holds several times as many. */
const connectionsOfTask = 2000;
const cpuPercent = 60;

export function scale(service: FargateService, { stage, program, maxTasks }: ScalingOptions): void {
  if (maxTasks === 1) return;
  const scaling = service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: maxTasks });
  const cooldowns = {
    scaleOutCooldown: Duration.minutes(2),
    // Each task that goes ends sessions, whose clients come back to another.
    scaleInCooldown: Duration.minutes(15),
  };
  scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: cpuPercent, ...cooldowns });
  scaling.scaleToTrackCustomMetric('Connections', {
    metric: new Metric({
      namespace: metricsNamespace(stage),
      metricName: 'listener.open',
      dimensionsMap: { service: program },
      // Each task says how many it has.
      statistic: 'Average',
      period: Duration.minutes(1),
    }),
    targetValue: connectionsOfTask,
    ...cooldowns,
  });
}
