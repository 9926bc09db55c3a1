/** A wake-up for relay: some recipients of the message are due. The outbound queue in the table is what counts. */
export interface RelayJob {
  readonly messageId: string;
  /** By an admin: a place that is left alone for a while is tried all the same. */
  readonly asked?: true;
}
