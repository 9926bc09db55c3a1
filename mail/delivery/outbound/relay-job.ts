/** A wake-up for relay: some recipients of the message are due. The outbound queue in the table is what counts. */
export interface RelayJob {
  readonly messageId: string;
}
