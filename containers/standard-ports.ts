/** The ports of a mail service, by the names that the options use. */

export const standardPorts = {
  smtp: 25,
  submission: 587,
  submissions: 465,
  imap: 143,
  imaps: 993,
  pop3: 110,
  pop3s: 995,
  https: 443,
} as const;

export type StandardPort = (typeof standardPorts)[keyof typeof standardPorts];
