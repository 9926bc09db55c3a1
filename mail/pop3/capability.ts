/** What a capability is (RFC 2449 section 5): a line in CAPA's answer, and the commands that it adds. */
import type { Command } from './command.ts';
import type { Session } from './session.ts';

/** They are listed in `capabilities.ts`. */
export interface Capability {
  /** As the IANA registry of POP3 capabilities has it. */
  readonly name: string;
  readonly rfcs: readonly string[];
  /**
   * The line in CAPA's answer, or undefined where this session is not offered it now. It depends on the connection,
   * never on the state: what RFC 2449 section 6 lets differ between states does not differ here.
   */
  line(session: Session): string | undefined;
  readonly commands?: readonly Command[];
}
