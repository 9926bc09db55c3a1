/**
 * How much of a message is looked at. Whatever lies beyond a limit is still stored and sent back byte for byte; it is
 * only not described. Sizes are octets.
 */
export const messageLimits = {
  /** Of a message's own header: fields that begin or end past it are not seen. */
  maxHeaderBytes: 1024 * 1024,
  /** Of the header of a part, or of a message within the message. */
  maxPartHeaderBytes: 64 * 1024,
  /** Of one header; further fields are not seen. */
  maxHeaderFields: 10_000,
  /** Of the header of a message that is coming in: it is held for each connection, which may take 1 MB in all. */
  maxIncomingHeaderBytes: 256 * 1024,
  maxIncomingHeaderFields: 2_000,
  /** Multiparts and messages within one another; what lies deeper is one opaque part. */
  maxDepth: 50,
  /** Parts in all; what follows belongs to the last one. */
  maxParts: 10_000,
  /** RFC 2046 section 5.1.1 says 70; mailers exceed it. A multipart with a longer one is not taken apart. */
  maxBoundaryBytes: 250,
  /** A delimiter line with its padding; a longer line is no delimiter. */
  maxDelimiterLineBytes: 1000,
  /** Of one field's value, as ENVELOPE shows it. */
  maxEnvelopeFieldBytes: 64 * 1024,
  /** Of one address field, in ENVELOPE and when addresses are checked. */
  maxAddresses: 2000,
  /** Of one field that BODYSTRUCTURE shows (Content-Type with its parameters …). */
  maxStructureFieldBytes: 8 * 1024,
  /** Parameters of one field. */
  maxParameters: 200,
  /** What all parts' descriptions may take; past it a part is described by its type and size only. */
  maxStructureBytes: 1024 * 1024,
  /** A longer string in IMAP's answers is a literal, as is one with octets that a quoted string cannot hold. */
  maxQuotedBytes: 1000,
  /** Header fields worth caching, before and after compression; a larger header is not cached. */
  maxCachedHeaderBytes: 64 * 1024,
  maxHeaderCacheBytes: 24 * 1024,
  /** Characters (code points) of a preview: RFC 8970 section 3.2 asks for 200 and allows 256. */
  maxPreviewCharacters: 200,
  /** Encoded octets that are read for a preview, of a plain text and of HTML with its style sheets. */
  maxPreviewTextBytes: 4 * 1024,
  maxPreviewHtmlBytes: 32 * 1024,
  /** A longer Date field is not read. */
  maxDateCharacters: 256,
  /** A msg-id in References, In-Reply-To or Message-ID; a longer one is none (RFC 5322 section 2.1.1: a line's length). */
  maxMessageIdBytes: 998,
  /** `Delivered-To` values kept for loop detection. */
  maxDeliveredTo: 100,
} as const;
