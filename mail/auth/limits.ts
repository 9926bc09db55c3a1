/** Limits of names and passwords, in one table. */

/** A user name, in octets of UTF-8: 64 of a local part, `@`, 255 of a domain, quotes. RFC 4616 asks for 255 at least. */
export const maxUserOctets = 512;
/** A password, in octets of UTF-8. RFC 4616 asks for 255 at least. */
export const maxPasswordOctets = 1024;
/** A password that is set by hand, in characters: NIST SP 800-63B section 5.1.1.2. */
export const minPasswordCharacters = 8;

/** Password hashes computed at once: each takes 16 MB and a thread of libuv's pool (four, by default) for 35 ms. */
export const maxConcurrentHashes = 3;
/** Password hashes waiting for their turn; more attempts fail at once, so that a flood does not queue for minutes. */
export const maxWaitingHashes = 300;

/** How long a password verified once is believed without hashing, in milliseconds. */
export const verifiedPasswordMs = 10 * 60_000;
/** Verified passwords remembered by a process; the oldest go first. */
export const maxVerifiedPasswords = 20_000;

/** App passwords of one account: each attempt with another password may hash against all of them. */
export const maxCredentials = 20;
