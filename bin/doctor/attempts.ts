/** Looks of which some may not be allowed: one that fails is a finding, and the others go on. */
import type { Finding } from '../../mail/doctor/finding.ts';

export interface Attempt {
  readonly area: Finding['area'];
  readonly what: string;
  /** What these credentials must be allowed. */
  readonly action: string;
}

export class Attempts {
  readonly #failed: Finding[] = [];

  /** What could not be looked at, and why. */
  get failed(): readonly Finding[] {
    return this.#failed;
  }

  /** undefined: it failed. */
  async at<Seen>(attempt: Attempt, look: () => Promise<Seen>): Promise<Seen | undefined> {
    try {
      return await look();
    } catch (fault) {
      this.#failed.push(notSeen(attempt, fault));
      return undefined;
    }
  }
}

function notSeen({ area, what, action }: Attempt, fault: unknown): Finding {
  const { name = '', message = String(fault) } = fault instanceof Error ? fault : {};
  const denied = /AccessDenied|Forbidden|UnauthorizedOperation/.test(name);
  return {
    area,
    state: 'warning',
    what,
    found: denied ? `not known: these credentials may not ${action}` : `not known: ${message}`,
    todo: denied ? `Have ${action} allowed for them, or use others (AWS_PROFILE).` : 'Look again in a while.',
  };
}
