/** Whether mail waits that should not. */
import type { Finding } from './finding.ts';

export interface QueueSeen {
  readonly name: string;
  /** Jobs that wait. */
  readonly waiting: number;
  readonly dead: number;
}

export interface OutboundSeen {
  readonly waiting: number;
  readonly held: number;
}

const many = 1000;

export function checkQueues(queues: readonly QueueSeen[]): readonly Finding[] {
  return queues.map(({ name, waiting, dead }) => {
    const what = `queue ${name}`;
    if (dead > 0)
      return {
        area: 'queues',
        state: 'problem',
        what,
        found: `${dead} jobs failed to the last attempt`,
        todo: 'docs/operate/dead-letters.md says what to do.',
      };
    if (waiting > many)
      return {
        area: 'queues',
        state: 'warning',
        what,
        found: `${waiting} jobs wait`,
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
