/**
 * The measurements that CloudWatch keeps as metrics: those that the dashboard and the alarms show. Each name with each
 * set of dimensions costs 0.30 USD a month, so dimensions are few; all other measurements stand in the same log lines,
 * where queries find them.
 */

/** By name: the dimensions that make metrics of their own. */
export const publishedMetrics: Readonly<Record<string, readonly string[]>> = {
  /** Taken by a listener. */
  'smtp.accepted': [],
  /** Refused by a listener. */
  'smtp.refused': [],
  'deliver.delivered': [],
  'deliver.failed': [],
  'deliver.movedAside': [],
  'relay.sent': [],
  'relay.deferred': [],
  'relay.failed': [],
  'relay.held': [],
  'notification.impossible': [],
  'feedback.bounced': [],
  'feedback.complained': [],
  'auth.refused': [],
  /** Sessions open now, by program: services grow and shrink by it. */
  'listener.open': ['service'],
  'listener.faults': [],
  'feed.putAside': [],
  'tls.certificateDaysLeft': [],
};

/** Where a deployment's metrics are, so that two in an account do not mix. */
export function metricsNamespace(stage: string): string {
  return `Posta/${stage}`;
}
