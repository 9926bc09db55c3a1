/** One message to the first of several places that takes it (RFC 5321 section 5.1): the others are tried in turn. */
import type { Log } from '../../ports/log.ts';
import type {
  RecipientOutcome,
  Said,
  TransmitOutcome,
  Transmission,
  TransmissionRecipient,
} from '../../ports/next-hop.ts';
import type { SendReport } from '../../smtp/client/session.ts';
import { nextHopLimits } from './limits.ts';
import type { Opened } from './open-session.ts';
import type { Place } from './place.ts';
import type { NextHopPorts } from './ports.ts';
import type { SessionPool } from './session-pool.ts';

type NotOpened = Extract<Opened, { readonly kind: 'failed' }>;
type Attempt = NotOpened | { readonly kind: 'answered'; readonly report: SendReport };

export interface TransmitPorts extends NextHopPorts {
  readonly pool: SessionPool;
}

/**
 * `places` are one or more. A place that is away, or goes away before it has the message, leaves those recipients to the
 * next whom it has not refused for good; a recipient whom it puts off is put off.
 */
export async function transmitToFirst(
  ports: TransmitPorts,
  { places, transmission }: { readonly places: readonly Place[]; readonly transmission: Transmission },
): Promise<TransmitOutcome> {
  const { clock, pool, limits = nextHopLimits } = ports;
  const startedMs = clock.now();
  const until = startedMs + limits.transmitMs;
  const fate = new Fate(transmission.recipients);
  for (const place of inOrder(places, pool).slice(0, limits.addresses)) {
    if (fate.begun && clock.now() > startedMs + limits.tryMs) break;
    const theirs = { ...transmission, recipients: fate.left };
    const attempt = await attemptAt(ports, { place, transmission: theirs, until });
    fate.add(attempt);
    if (fate.settled) break;
  }
  return fate.outcome();
}

/** By preference; where a session waits, its place comes first among equals. */
function inOrder(places: readonly Place[], pool: SessionPool): readonly Place[] {
  return places.toSorted((one, other) => {
    if (one.preference !== other.preference) return one.preference - other.preference;
    return Number(pool.hasIdle(other)) - Number(pool.hasIdle(one));
  });
}

/** What has become of the recipients over all attempts. */
class Fate {
  readonly #recipients: readonly TransmissionRecipient[];
  readonly #outcomes: (RecipientOutcome | undefined)[];
  /** Places of those for whom another attempt may be made. */
  #left: readonly number[];
  #unavailable = false;
  #last: Attempt | undefined;
  /** Of the servers that could not be opened: whether all of them take no mail at all. */
  #nobodyTakesMail = true;

  constructor(recipients: readonly TransmissionRecipient[]) {
    this.#recipients = recipients;
    this.#outcomes = recipients.map(() => undefined);
    this.#left = [...recipients.keys()];
  }

  get begun(): boolean {
    return this.#last !== undefined;
  }

  /** Whether nobody is left to try elsewhere for. */
  get settled(): boolean {
    return this.#left.length === 0;
  }

  get left(): readonly TransmissionRecipient[] {
    return this.#left.flatMap((at) => this.#recipients[at] ?? []);
  }

  add(attempt: Attempt): void {
    this.#last = attempt;
    if (attempt.kind === 'failed') {
      this.#unavailable = true;
      this.#nobodyTakesMail &&= attempt.permanent;
      return;
    }
    const { outcomes, over, inDoubt } = attempt.report;
    this.#unavailable = over;
    this.#nobodyTakesMail = false;
    for (const [place, outcome] of outcomes.entries()) this.#outcomes[this.#left[place] ?? 0] = outcome;
    const elsewhere = over && !inDoubt;
    this.#left = elsewhere ? this.#left.filter((at) => this.#outcomes[at]?.kind === 'deferred') : [];
  }

  outcome(): TransmitOutcome {
    const last = this.#last?.kind === 'failed' ? this.#last.said : undefined;
    return {
      outcomes: this.#outcomes.map((outcome) => outcome ?? this.#notTaken(last)),
      unavailable: this.#unavailable,
    };
  }

  #notTaken(said: Said | undefined): RecipientOutcome {
    if (said === undefined) throw new Error('a message was tried nowhere');
    if (!this.#nobodyTakesMail) return { kind: 'deferred', said };
    // RFC 7504 section 3: 521 is for good, where every server says so.
    return { kind: 'failed', said: { ...said, status: said.status.replace(/^4/, '5') } };
  }
}

/** A session that waited and turns out dead at MAIL is replaced once: nothing was begun on it. */
async function attemptAt(
  ports: TransmitPorts,
  about: { readonly place: Place; readonly transmission: Transmission; readonly until: number },
): Promise<Attempt> {
  const { place, transmission, until } = about;
  const { pool, clock } = ports;
  const log = ports.log.with({ messageId: transmission.messageId });
  for (let fresh = false; ; fresh = true) {
    const lease = await pool.lease(place, { log, until, fresh });
    if (lease.kind === 'failed') return lease;
    const startedMs = clock.now();
    let report: SendReport;
    try {
      report = await lease.session.send(transmission, { until });
    } finally {
      lease.release();
    }
    if (lease.reused && report.unanswered) {
      log.info('relay.sessionDied', { remote: place.remote, text: report.outcomes[0]?.said.text });
      ports.metrics.count('relay.sessionsDied');
      continue;
    }
    const ms = clock.now() - startedMs;
    tell(ports, { log, report, place, transmission, reused: lease.reused, ms });
    return { kind: 'answered', report };
  }
}

function tell(
  { metrics }: NextHopPorts,
  about: {
    readonly log: Log;
    readonly report: SendReport;
    readonly place: Place;
    readonly transmission: Transmission;
    readonly reused: boolean;
    readonly ms: number;
  },
): void {
  const { log, report, place, transmission, reused, ms } = about;
  const count = (kind: RecipientOutcome['kind']) =>
    report.outcomes.filter((outcome) => outcome.kind === kind).length;
  const [sent, deferred, failed] = [count('sent'), count('deferred'), count('failed')];
  const result = report.over ? 'brokenOff' : sent > 0 ? 'taken' : 'notTaken';
  metrics.count('relay.transmissions', { result });
  metrics.timeMs('relay.transmissionMs', ms, { result });
  const { remote } = place;
  const bytes = transmission.sizeBytes;
  log.info('relay.transmitted', { remote, result, sent, deferred, failed, bytes, reused, ms });
}
