/**
 * The schema of the table's items: what this program writes, and the newest it understands, in every store. Older items
 * are read as they are.
 * - 1: the first.
 * - 2: blocks (`packed`) and the structure of parts (`structure`) are packed; an index does not repeat what its blob's
 *   key says, and an envelope not what From says; the state of a new account's INBOX stands in its clock;
 *   what was seen last of a place that a message has left, in the message.
 */
export const schemaVersion = 2;
