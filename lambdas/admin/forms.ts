/** Commands as forms: what a runbook of the console asks an admin, in their words. */

export interface FormField {
  /** Of the command's input. */
  readonly name: string;
  readonly label: string;
  readonly help: string;
  /** `list`: with commas. `bytes`: `2 GB`, or nothing for no limit. */
  readonly kind: 'text' | 'list' | 'bytes' | 'yesNo' | 'choice';
  readonly choices?: readonly string[];
  /** May stay empty. */
  readonly optional?: boolean;
}

export interface Form {
  /** Names the runbook, behind the stage. */
  readonly name: string;
  readonly title: string;
  /** The command it stands for. */
  readonly command: string;
  /** What it does, and what to know before and after: sentences. */
  readonly help: string;
  readonly fields: readonly FormField[];
}

/** What stands for no choice: a form of Systems Manager has no empty one. */
export const noChoice = '-';

const address: FormField = {
  name: 'address',
  label: 'Address',
  help: 'The whole address, such as anna@example.org.',
  kind: 'text',
};
const domain: FormField = { name: 'domain', label: 'Domain', help: 'Such as example.org.', kind: 'text' };
const onlyDomain: FormField = {
  ...domain,
  help: 'Only those of this domain; empty for all.',
  optional: true,
};
const after: FormField = {
  name: 'after',
  label: 'After',
  help: 'For the next page: what the page before gave as "next".',
  kind: 'text',
  optional: true,
};
const messageId: FormField = {
  name: 'messageId',
  label: 'MessageId',
  help: "Posta's id of the message, as the trace and the lists of the queue show it.",
  kind: 'text',
};
const recipient: FormField = {
  name: 'recipient',
  label: 'Recipient',
  help: 'Only this recipient; empty for all of the message.',
  kind: 'text',
  optional: true,
};
const targets: FormField = {
  name: 'targets',
  label: 'Targets',
  help: 'Addresses that its mail goes to, with commas between them.',
  kind: 'list',
};
const allowMissing: FormField = {
  name: 'allowMissing',
  label: 'AllowMissing',
  help: 'Whether targets in domains of yours may be missing still.',
  kind: 'yesNo',
  optional: true,
};

export const forms: readonly Form[] = [
  {
    name: 'add-domain',
    title: 'Add a domain',
    command: 'domain add',
    help: 'Posta takes mail for the domain from now on. Its DNS records must lead here: `posta dns` prints them. To send for it by Amazon SES, it must be a verified identity there.',
    fields: [domain],
  },
  {
    name: 'set-domain',
    title: 'Change a domain',
    command: 'domain set',
    help: 'Sets where mail for unknown addresses goes, who is postmaster, or suspends the domain: then nobody in it logs in, and its mail is put off. What stays empty is left as it is.',
    fields: [
      domain,
      {
        name: 'catchAll',
        label: 'CatchAll',
        help: 'An address that gets what is for no other.',
        kind: 'text',
        optional: true,
      },
      {
        name: 'postmaster',
        label: 'Postmaster',
        help: 'An address that gets mail for postmaster and abuse.',
        kind: 'text',
        optional: true,
      },
      {
        name: 'status',
        label: 'Status',
        help: 'active, or suspended; - leaves it as it is.',
        kind: 'choice',
        choices: ['active', 'suspended'],
        optional: true,
      },
    ],
  },
  {
    name: 'list-domains',
    title: 'List the domains',
    command: 'domain list',
    help: 'Shows each domain, its status and its catch-all.',
    fields: [],
  },
  {
    name: 'remove-domain',
    title: 'Remove a domain',
    command: 'domain remove',
    help: 'Its mail is refused from now on. A domain that still has accounts or aliases is only removed with Force, and they with it.',
    fields: [
      domain,
      {
        name: 'force',
        label: 'Force',
        help: 'Remove its accounts and aliases too.',
        kind: 'yesNo',
        optional: true,
      },
    ],
  },
  {
    name: 'add-account',
    title: 'Add an account',
    command: 'account add',
    help: 'Makes a mailbox with a new password, which is put into Parameter Store for a day or two: read it there, give it to its user, delete it.',
    fields: [
      address,
      {
        name: 'quotaBytes',
        label: 'Quota',
        help: 'How much it may hold, such as 2 GB; empty for no limit.',
        kind: 'bytes',
        optional: true,
      },
    ],
  },
  {
    name: 'show-account',
    title: 'Show an account',
    command: 'account show',
    help: 'Its status, what it holds, its app passwords, and the aliases that lead to it.',
    fields: [address],
  },
  {
    name: 'list-accounts',
    title: 'List the accounts',
    command: 'account list',
    help: 'A page of accounts, with what they hold.',
    fields: [onlyDomain, after],
  },
  {
    name: 'reset-password',
    title: 'Give an account a new password',
    command: 'account password',
    help: 'The old one is no longer taken, and sessions that used it end. The new one is put into Parameter Store for a day or two: read it there, give it to its user, delete it. App passwords stay as they are.',
    fields: [address],
  },
  {
    name: 'suspend-account',
    title: 'Suspend an account',
    command: 'account suspend',
    help: 'No login and no new mail, at once; what it has stays.',
    fields: [address],
  },
  {
    name: 'resume-account',
    title: 'Resume an account',
    command: 'account resume',
    help: 'The end of a suspension.',
    fields: [address],
  },
  {
    name: 'set-quota',
    title: 'Set the quota of an account',
    command: 'account quota',
    help: 'How much it may hold. What is over it stays; new mail is refused until there is room.',
    fields: [
      address,
      {
        name: 'quotaBytes',
        label: 'Quota',
        help: 'Such as 2 GB; none for no limit.',
        kind: 'bytes',
      },
    ],
  },
  {
    name: 'remove-account',
    title: 'Remove an account',
    command: 'account remove',
    help: 'The address is free at once and its mail is refused. What was in it is deleted after the retention of the deployment.',
    fields: [address],
  },
  {
    name: 'add-app-password',
    title: 'Add an app password',
    command: 'credential add',
    help: 'A password for one device or program, which can be taken away by itself. It is put into Parameter Store for a day or two: read it there, give it to its user, delete it.',
    fields: [
      address,
      { name: 'name', label: 'Name', help: 'What it is for, such as phone.', kind: 'text' },
      {
        name: 'scopes',
        label: 'Scopes',
        help: 'Of send, imap, pop3, with commas; empty for all.',
        kind: 'list',
        optional: true,
      },
    ],
  },
  {
    name: 'list-app-passwords',
    title: 'List the app passwords of an account',
    command: 'credential list',
    help: 'Their names, what they may do, and when they were last used.',
    fields: [address],
  },
  {
    name: 'remove-app-password',
    title: 'Remove an app password',
    command: 'credential remove',
    help: 'It is no longer taken, and sessions that used it end.',
    fields: [address, { name: 'name', label: 'Name', help: 'As the list shows it.', kind: 'text' }],
  },
  {
    name: 'add-alias',
    title: 'Add an alias',
    command: 'alias add',
    help: 'An address whose mail goes to others: one account, a group, or addresses elsewhere where the deployment may forward.',
    fields: [address, targets, allowMissing],
  },
  {
    name: 'set-alias',
    title: 'Change where an alias leads',
    command: 'alias set',
    help: 'The targets take the place of those it has.',
    fields: [address, targets, allowMissing],
  },
  {
    name: 'list-aliases',
    title: 'List the aliases',
    command: 'alias list',
    help: 'A page of aliases, with where they lead.',
    fields: [onlyDomain, after],
  },
  {
    name: 'remove-alias',
    title: 'Remove an alias',
    command: 'alias remove',
    help: 'Its mail is refused from now on.',
    fields: [address],
  },
  {
    name: 'trace-message',
    title: 'Trace a message',
    command: 'message trace',
    help: 'What happened to a message: who sent it, where it went, where it is now.',
    fields: [
      {
        name: 'id',
        label: 'Id',
        help: "Posta's id, the Message-ID in its angle brackets, or the id that Amazon SES gave it.",
        kind: 'text',
      },
    ],
  },
  {
    name: 'list-outbound',
    title: 'List what waits for other servers',
    command: 'queue list',
    help: 'Messages that are tried again later, or held, with what the other server said last.',
    fields: [
      {
        name: 'state',
        label: 'State',
        help: 'Only these; - for both.',
        kind: 'choice',
        choices: ['waiting', 'held'],
        optional: true,
      },
      after,
    ],
  },
  {
    name: 'show-outbound',
    title: 'Show a message on its way out',
    command: 'queue show',
    help: 'Each recipient: attempts, the last answer, the next attempt.',
    fields: [messageId],
  },
  {
    name: 'retry-outbound',
    title: 'Send a waiting message now',
    command: 'queue retry',
    help: 'It is tried within the next minute, whatever its next attempt was to be.',
    fields: [messageId, recipient],
  },
  {
    name: 'hold-outbound',
    title: 'Hold a message back',
    command: 'queue hold',
    help: 'It is not sent until it is released.',
    fields: [messageId, recipient],
  },
  {
    name: 'release-outbound',
    title: 'Release a held message',
    command: 'queue release',
    help: 'It is sent within the next minute.',
    fields: [messageId, recipient],
  },
  {
    name: 'remove-outbound',
    title: 'Take a message out of the queue',
    command: 'queue remove',
    help: 'It is not sent, and nobody is told.',
    fields: [messageId, recipient],
  },
  {
    name: 'list-suppressed',
    title: 'List the addresses that get no more mail',
    command: 'suppression list',
    help: 'Addresses elsewhere that bounced for good, or whose owner called a message junk, and when.',
    fields: [after],
  },
  {
    name: 'suppress-address',
    title: 'Send an address no more mail',
    command: 'suppression add',
    help: 'Mail for it is refused, or its sender told.',
    fields: [address],
  },
  {
    name: 'unsuppress-address',
    title: 'Send an address mail again',
    command: 'suppression remove',
    help: 'Takes it off the list. When it bounces again it comes back.',
    fields: [address],
  },
];
