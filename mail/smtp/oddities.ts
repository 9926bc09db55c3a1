/**
 * What real clients write that RFC 5321 does not, and whether it is taken. The decisions are those of Postfix as it is
 * shipped: nearly every client was tested against it. Each entry has a test of its name in test/mail/smtp/oddities.test.ts.
 */
interface OddityEntry {
  /** What is written, and the section it breaks. */
  readonly what: string;
  /** Where it was seen. */
  readonly client: string;
  /** When the entry was made. */
  readonly date: string;
  readonly taken: boolean;
}

export const oddities = {
  spaceBeforePath: {
    what: '`MAIL FROM: <a@b>` (section 3.3: no space after the colon)',
    client: 'old Outlook Express, scripts of printers and cameras',
    date: '2026-11-24',
    taken: true,
  },
  noAngleBrackets: {
    what: '`RCPT TO:a@b` (section 4.1.2: Path has angle brackets)',
    client: 'embedded devices, humans with telnet',
    date: '2026-11-24',
    taken: true,
  },
  heloName: {
    what: '`EHLO my_pc` and other names that are no Domain (section 4.1.1.1)',
    client: 'Windows programs that send the machine name',
    date: '2026-11-24',
    taken: true,
  },
  authInBrackets: {
    what: '`MAIL FROM:<a@b> AUTH=<a@b>` (RFC 4954 section 5: the mailbox stands without brackets)',
    client: 'curl --mail-auth, as of 7.88',
    date: '2026-11-24',
    taken: true,
  },
  utf8InRfc822: {
    what: '`ORCPT=rfc822;jos+C3+A9@b` (RFC 6533 section 3: what is not ASCII has the type utf-8)',
    client: 'Postfix 3.7, for every recipient that is not ASCII',
    date: '2026-11-26',
    taken: true,
  },
  spaceBeforeColon: {
    what: '`MAIL FROM :<a@b>` (section 4.1.1.2)',
    client: 'hand-written scripts',
    date: '2026-11-24',
    taken: false,
  },
  bareLineFeed: {
    what: 'lines that end with LF alone (section 2.3.8): taking them lets messages be smuggled',
    client: 'scripts that print "\\n"',
    date: '2026-11-24',
    taken: false,
  },
} as const satisfies Readonly<Record<string, OddityEntry>>;

export type Oddity = keyof typeof oddities;

/** Whether the server takes it. */
export function allows(oddity: Oddity): boolean {
  return oddities[oddity].taken;
}
