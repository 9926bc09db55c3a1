/** What cannot leave from here, whatever its destination: known before a message is taken. */

export interface CarryLimits {
  /** Mail whose sender is not of our own domains, as aliases send it on. */
  readonly foreignSenders: boolean;
  /** Addresses whose local part is not ASCII (RFC 6531). */
  readonly smtpUtf8: boolean;
}

/** A smart host or an exchanger says itself what it does not take. */
export const carriesAll: CarryLimits = { foreignSenders: true, smtpUtf8: true };

/** Amazon SES. Its largest message is the next hop's to tell. */
export const sesCarries: CarryLimits = { foreignSenders: false, smtpUtf8: false };
