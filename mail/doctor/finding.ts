/** What a check found: how it is, and what to do. */

export interface Finding {
  readonly area: 'DNS' | 'server' | 'certificate' | 'sending' | 'queues';
  readonly state: 'ok' | 'warning' | 'problem';
  /** What was looked at. */
  readonly what: string;
  /** What was there. */
  readonly found: string;
  /** What to do: a sentence, or a line to paste. */
  readonly todo?: string;
}
