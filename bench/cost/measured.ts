/** An operation as it was measured. */
import type { Usage } from './usage.ts';

export interface Measured {
  /** Names it for the month and the tests. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Of one. */
  readonly usage: Usage;
  /** Where several were measured: the most write units of one. */
  readonly mostWriteUnits?: number;
}
