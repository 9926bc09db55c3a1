/** How failed logins slow down the next: whose failures are counted together, and the pauses that follow. */

/** `address`: a client's; `account`: the user name that was tried, whether there is one or not. */
export interface Subject {
  readonly kind: 'address' | 'account';
  /** The address (of IPv6 its /64), or the user name as it is looked up. */
  readonly value: string;
}

/** What a number of failures does. */
export interface ThrottleRule {
  /** So many failures cost no pause. */
  readonly freeFailures: number;
  /** After the next one, in milliseconds; each further one doubles it. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Attempts being checked at once: more are told to wait, or a flood would be checked before its first failure counts. */
  readonly maxUnderWay: number;
}

/** Failures are forgotten so long after the last of them; longer than any pause, or waiting would pay. */
export const forgetFailuresMs = 60 * 60_000;

const minute = 60_000;
const addressRule: ThrottleRule = {
  freeFailures: 5,
  firstPauseMs: 1000,
  longestPauseMs: 15 * minute,
  maxUnderWay: 50,
};
// Behind a loopback address may be everyone's webmail: it must not lock out all for one.
const loopbackRule: ThrottleRule = {
  freeFailures: 50,
  firstPauseMs: 100,
  longestPauseMs: 2000,
  maxUnderWay: 200,
};
const accountRule: ThrottleRule = {
  freeFailures: 10,
  firstPauseMs: 1000,
  longestPauseMs: 5 * minute,
  maxUnderWay: 20,
};

/** The rule for a subject. */
export function ruleFor(subject: Subject): ThrottleRule {
  if (subject.kind === 'account') return accountRule;
  return subject.value === loopback ? loopbackRule : addressRule;
}

/** The pause after so many failures, in milliseconds, from the last of them. */
export function pauseMs(rule: ThrottleRule, failures: number): number {
  if (failures <= rule.freeFailures) return 0;
  const doublings = Math.min(failures - rule.freeFailures - 1, 30);
  return Math.min(rule.longestPauseMs, rule.firstPauseMs * 2 ** doublings);
}

const loopback = 'loopback';

/** The client's address as failures are counted: IPv4 whole, IPv6 by /64 (one customer's network), loopback as one. */
export function addressSubject(remoteAddress: string): Subject {
  const value = networkOf(remoteAddress.toLowerCase().replace(/%.*$/, ''));
  return { kind: 'address', value };
}

function networkOf(address: string): string {
  const mapped = /^(?:0*:)*:?ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  const plain = mapped ?? address;
  if (!plain.includes(':')) return plain.startsWith('127.') ? loopback : plain.slice(0, 64) || 'unknown';
  const groups = ipv6Groups(plain);
  if (groups.length === 8 && groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1)
    return loopback;
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight groups of an IPv6 address; what is malformed counts as zero, so that it is still one subject. */
function ipv6Groups(address: string): number[] {
  const [head = '', tail] = address.split('::', 2);
  const read = (part: string) => part.split(':').filter((group) => group !== '');
  const before = read(head);
  const after = tail === undefined ? [] : read(tail);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return Array.from({ length: 8 }, (_, at) => parseInt(all[at] ?? '0', 16) || 0);
}
