/** How long what was expunged can be brought back, and how long a message's id is remembered. */

/** Of one day, in milliseconds. */
export const dayMs = 24 * 60 * 60_000;

/** A message that nobody shows any more is known for so long at least: a job that comes again must find it. */
export const minMessageDays = 30;

/** From a message's last place to its end, in milliseconds. */
export function messageRetentionMs(retentionDays: number): number {
  return Math.max(retentionDays, minMessageDays) * dayMs;
}
