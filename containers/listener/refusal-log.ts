/** Says that connections are refused: each in the metric, and in the log so few that a flood does not fill it. */
import type { Log, LogFields } from '../../mail/ports/log.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import type { Service } from './service.ts';

export type RefusalReason =
  'tooManyConnections' | 'tooManyFromClient' | 'badProxyHeader' | 'proxyTimeout' | 'ended';

const quietMs = 1000;

export class RefusalLog {
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #byReason = new Map<RefusalReason, { loggedAt: number; unlogged: number }>();

  constructor(log: Log, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  tell(reason: RefusalReason, { protocol, role }: Service, fields: LogFields): void {
    this.#metrics.count('listener.refused', { protocol, role, reason });
    const now = performance.now();
    const before = this.#byReason.get(reason);
    if (before !== undefined && now - before.loggedAt < quietMs) {
      before.unlogged += 1;
      return;
    }
    this.#log.warn('listener.refused', {
      reason,
      protocol,
      role,
      ...fields,
      unlogged: before?.unlogged ?? 0,
    });
    this.#byReason.set(reason, { loggedAt: now, unlogged: 0 });
  }
}
