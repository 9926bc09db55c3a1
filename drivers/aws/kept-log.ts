/** KeptLog over CloudWatch Logs: the lines that all programs of a deployment have written. */
import {
  FilterLogEventsCommand,
  ResourceNotFoundException,
  type CloudWatchLogsClient,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../../mail/ports/clock.ts';
import type { KeptLine, KeptLog, KeptLogQuery } from '../../mail/ports/kept-log.ts';
import { isAskedFor, lastMs, parseKeptLine } from '../kept-line.ts';
import { repeatedly } from './failures.ts';

export interface CloudWatchKeptLogOptions {
  readonly client: CloudWatchLogsClient;
  /** Names of log groups; one that is not there (nothing was logged yet) is passed over. */
  readonly logGroups: readonly string[];
  readonly clock: Clock;
}

/** Lines that are put in order before they are told: more are told as they come. */
const maxSorted = 100_000;

export class CloudWatchKeptLog implements KeptLog {
  readonly #options: CloudWatchKeptLogOptions;

  constructor(options: CloudWatchKeptLogOptions) {
    this.#options = options;
  }

  async *find(query: KeptLogQuery): AsyncGenerator<KeptLine> {
    const lines: KeptLine[] = [];
    for (const logGroup of this.#options.logGroups)
      for await (const line of this.#findIn(logGroup, query)) {
        if (lines.length >= maxSorted) yield line;
        else lines.push(line);
      }
    yield* lines.toSorted((one, other) => (one.time < other.time ? -1 : one.time > other.time ? 1 : 0));
  }

  async *#findIn(logGroupName: string, query: KeptLogQuery): AsyncGenerator<KeptLine> {
    const { client, clock } = this.#options;
    const { fromMs = 0, toMs = lastMs } = query;
    let nextToken: string | undefined;
    do {
      const command = new FilterLogEventsCommand({
        logGroupName,
        filterPattern: patternOf(query.value),
        startTime: fromMs,
        endTime: toMs,
        ...(nextToken === undefined ? {} : { nextToken }),
      });
      const page = await repeatedly({ clock }, () => client.send(command)).catch((fault: unknown) => {
        if (fault instanceof ResourceNotFoundException) return undefined;
        throw fault;
      });
      for (const { message = '' } of page?.events ?? []) {
        const line = parseKeptLine(message);
        if (line !== undefined && isAskedFor(line, query)) yield line;
      }
      nextToken = page?.nextToken;
    } while (nextToken !== undefined);
  }
}

/**
 * The longest part of the value that stands in the line's JSON without escapes, as a term in quotes: which field it is in,
 * and whether it is all of it, is looked at here.
 */
function patternOf(value: string): string {
  const parts = JSON.stringify(value).slice(1, -1).split(/[\\"]/);
  const longest = parts.toSorted((one, other) => other.length - one.length)[0] ?? '';
  return longest === '' ? '' : `"${longest}"`;
}
