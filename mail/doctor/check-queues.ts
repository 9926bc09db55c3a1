/** Whether mail waits that should not. */
import type { Finding } from './finding.ts';

export interface QueueSeen {
  readonly name: string;
  /** Jobs that wait. */
  readonly waiting: number;
  readonly dead: number;
  /** How long the oldest job has waited; undefined: there is none, or nobody knows. */
  readonly oldestMs?: number;
}

export interface OutboundSeen {
  readonly waiting: number;
  readonly held: number;
}

const many = 1000;
const minuteMs = 60_000;
/** As the alarm has it (docs/operate/queue-waits.md). */
const longMs = 15 * minuteMs;

export function checkQueues(queues: readonly QueueSeen[]): readonly Finding[] {
  return queues.map(({ name, waiting, dead, oldestMs = 0 }) => {
    const what = `queue ${name}`;
    if (dead > 0)
      return {
        area: 'queues',
        state: 'problem',
        what,
        found: `${dead} jobs failed to the last attempt`,
        todo: 'docs/operate/dead-letters.md says what to do.',
      };
    const late = waiting > 0 && oldestMs > longMs;
    if (waiting > many || late)
      return {
        area: 'queues',
        state: 'warning',
        what,
        found: `${waiting} jobs wait${late ? `, the oldest for ${Math.floor(oldestMs / minuteMs)} minutes` : ''}`,
        todo: 'docs/operate/queue-waits.md says what to do.',
      };
    return { area: 'queues', state: 'ok', what, found: `${waiting} jobs wait` };
  });
}

export function checkOutbound({ waiting, held }: OutboundSeen): Finding {
  const what = 'mail for other servers';
  if (held === 0) return { area: 'queues', state: 'ok', what, found: `${waiting} recipients wait` };
  return {
    area: 'queues',
    state: 'warning',
    what,
    found: `${held} recipients are held, ${waiting} wait`,
    todo: 'See them: posta queue list --held. Let them go: posta queue release ID.',
  };
}

/** `count`: 1000 at most. */
export function checkFeedFailures(count: number): Finding {
  const what = 'changes that could not be followed up';
  if (count === 0) return { area: 'queues', state: 'ok', what, found: 'none' };
  return {
    area: 'queues',
    state: 'problem',
    what,
    found: `${count} of them: what should be deleted after them is not`,
    todo: 'docs/operate/feed-put-aside.md says what to do.',
  };
}
