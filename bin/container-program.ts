/** The life of a container: settings, log and metrics, until SIGTERM, and an orderly end. */
import { EmfMetrics } from '../drivers/aws/metrics/emf-metrics.ts';
import { metricsNamespace, publishedMetrics } from '../drivers/aws/metrics/published-metrics.ts';
import { systemClock } from '../drivers/system/clock.ts';
import { systemLog } from '../drivers/system/log.ts';
import type { Log } from '../mail/ports/log.ts';
import { readDeploymentSettings, type DeploymentSettings, type Environment } from './deployment-settings.ts';

export interface ProgramOptions {
  /** For the log and the metrics. */
  readonly service: string;
  readonly environment: Environment;
}

export interface Program {
  readonly settings: DeploymentSettings;
  readonly log: Log;
  readonly metrics: EmfMetrics;
}

/** What runs: disposing ends it in order. */
export interface RunningProgram extends AsyncDisposable {
  /** On which it listens. */
  readonly ports: readonly string[];
}

const minuteMs = 60_000;

/** Runs until SIGTERM or SIGINT, and then ends; a second signal ends it at once. What ends it otherwise is logged. */
export async function runProgram(
  { service, environment }: ProgramOptions,
  start: (program: Program) => Promise<RunningProgram>,
): Promise<void> {
  let log = systemLog({ destination: process.stdout }).with({ service });
  const endFaulty = (fault: unknown) => {
    log.error('container.fault', fault);
    process.exit(1);
  };
  process.on('uncaughtException', endFaulty);
  try {
    const settings = readDeploymentSettings(environment);
    log = systemLog({ level: settings.logLevel, destination: process.stdout }).with({ service });
    const metrics = new EmfMetrics({
      destination: process.stdout,
      clock: systemClock(),
      namespace: metricsNamespace(settings.stage),
      service,
      published: publishedMetrics,
    });
    const flushing = setInterval(() => metrics.flush(), minuteMs);
    const stopped = stopSignal();
    const running = await start({ settings, log, metrics });
    log.info('container.ready', { ports: running.ports });
    const signal = await stopped;
    log.info('container.stopping', { signal });
    await running[Symbol.asyncDispose]();
    clearInterval(flushing);
    metrics.flush();
    log.info('container.stopped');
  } catch (fault) {
    endFaulty(fault);
  }
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    const stop = (signal: string) => {
      process.off('SIGTERM', stop).off('SIGINT', stop);
      resolve(signal);
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  });
}
