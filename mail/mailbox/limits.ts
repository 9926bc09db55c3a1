/** The mailbox's limits, all in one table. Over one of them an operation is refused, never cut short in silence. */

/** A mailbox name with its parents, in octets of UTF-8: it is a sort key (1,024 octets) in `subscription#<name>`. */
export const maxMailboxNameOctets = 1000;
/** One level of a mailbox name, in octets of UTF-8. */
export const maxLevelOctets = 255;
/** Levels of a mailbox name. */
export const maxLevels = 32;
/** Folders of an account: LIST reads them all. */
export const maxFolders = 2000;
/** Subscriptions of an account; they may outlive their folders. */
export const maxSubscriptions = 4000;
/** Keywords in use in a mailbox; a block's mask has 64 bits. RFC 9051 leaves the number to the server. */
export const maxKeywords = 64;
/** Octets of a keyword. */
export const maxKeywordOctets = 64;
/** Messages of a MULTIAPPEND (RFC 3502). */
export const maxAppendMessages = 10_000;

/** An `m#` item in bytes; what is larger goes to a side object. */
export const maxIndexItemBytes = 64 * 1024;
/** An envelope in a page, in bytes of UTF-8: 64 of them stay under DynamoDB's 400 KB an item. */
export const maxPagedEnvelopeBytes = 4096;
/** So many messages of a page must be asked for: fewer are read one by one, which is less to read. */
export const leastReadOfPage = 8;
/** Side objects that are read at once: each may have some megabytes, and anyone can send such mail. */
export const maxSideObjectsAtOnce = 4;
/** Places of one message (mailbox and uid) in an account: `message#` holds them all. */
export const maxPlaces = 2000;

/**
 * Writes of a commit of ours where the table itself allows more: LMDB would take any number, but a commit of a
 * hundred thousand writes holds up every other account for seconds.
 */
export const maxCommitWrites = 1000;
/** Message records in one `c#` item: 8,000 of 32 bytes stay under DynamoDB's 400 KB an item with all keywords. */
export const maxLogRecords = 8000;
/** Bytes of a commit of ours where the table itself allows more. */
export const maxCommitBytes = 16 * 1024 * 1024;
/** Changes waiting for one account in one process; more are a fault, so that memory stays bounded. */
export const maxWaitingChanges = 50_000;

/** How often one commit is planned anew because another writer was first. */
export const maxRedos = 40;
/** How often one transaction is sent again as it is: no answer, conflict, throttled. */
export const maxResends = 12;
/** The first pause before sending again or planning anew, in milliseconds; it doubles, with jitter, up to the largest. */
export const firstPauseMs = 4;
export const largestPauseMs = 1000;

/** A `bulk#` record untouched for so long belongs to a writer that died: the sweep undoes it. */
export const bulkStaleMs = 15 * 60_000;
/**
 * Log records younger than this stay, whatever `logFrom` says: a writer without an answer looks for its token in one.
 * And the newest of an account always stays.
 */
export const minLogAgeMs = 60 * 60_000;

/** A maildrop lease (POP3), renewed while its session lives. */
export const maildropLeaseMs = 90_000;

/** What a new epoch adds, so that no number of the lost past is used twice. */
export const epochRevJump = 2 ** 20;
export const epochUidJump = 2 ** 16;
export const epochUidValidityJump = 2 ** 10;

/** Messages in all the views kept in memory that no session has open, unless it is one view alone. */
export const maxIdleViewMessages = 500_000;
/** Views kept in memory that no session has open. */
export const maxIdleViews = 1000;
/** Message changes that a view remembers for its sessions; one further behind compares with the view itself. */
export const maxRememberedChanges = 10_000;
/** How often a SELECT or LIST is begun anew because the account changed beyond its log meanwhile. */
export const maxRescans = 5;
/** Commits that a view further behind does not follow one by one: it is scanned anew. */
export const maxFollowedCommits = 5000;
/** Accounts whose folder lists are kept in memory. */
export const maxKeptFolderLists = 500;
/** Mailboxes whose `\Recent` watermark is kept in memory. */
export const maxKnownRecent = 10_000;
/** Accounts whose writers and handles are kept in memory although they have nothing to do. */
export const maxKeptAccounts = 4_000;

/** The newest commits of an account whose log records stay: views of processes that slept follow them. */
export const keptCommits = 1000;
/** Feed notes each such rev for the sweep: so the log is cut now and then, not at every commit. */
export const logNoteEvery = 256;
/** How often a record of the Feed is tried before it is put aside. */
export const feedAttempts = 5;
/** The first pause of Feed after a failure, in milliseconds; it doubles up to the largest. */
export const feedPauseMs = 100;
export const largestFeedPauseMs = 30_000;

/**
 * How often a process looks at the clock of an account that sessions have open: what a lost wake-up costs at most. A look
 * costs a read, all day long, and wake-ups are hardly ever lost: so each look that finds nothing doubles the time to the
 * next, and a change brings it back to the shortest.
 */
export const watchEveryMs = 60_000;
/** Of these, a quiet account is looked at each fifth. */
export const longestWatchPause = 5;
