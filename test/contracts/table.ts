/**
 * The contract of the Table port, for every driver: a driver calls `tableContract` with how a table is made, and lists
 * what it does not support with the reason.
 */
import { contractTest } from './contract.ts';
import type { Fixture } from './contract.ts';
import type { Table } from '../../mail/ports/table.ts';
import { atomicityCases } from './table-atomicity.ts';
import { concurrencyCases } from './table-concurrency.ts';
import { orderCases } from './table-order.ts';
import { tokenCases } from './table-tokens.ts';
import { valueCases } from './table-values.ts';
import type { ManualClock } from './manual-clock.ts';

/** A fixture of a table; its clock where the driver's time can be turned. */
export interface TableFixture extends Fixture<Table> {
  readonly clock?: ManualClock;
}

/** What a driver may leave out. */
export type TableFeature = 'turned clock' | '1,000 writes in one commit';

/** One behaviour: a sentence, and the test of it. */
export interface TableCase {
  readonly name: string;
  readonly needs?: TableFeature;
  readonly body: (table: Table, fixture: TableFixture) => Promise<void>;
}

export interface TableDriver {
  readonly name: string;
  readonly fixture: () => Promise<TableFixture>;
  /** What it does not support, each with the reason. */
  readonly unsupported: Readonly<Partial<Record<TableFeature, string>>>;
}

/** Defines the tests of the Table port for one driver. */
export function tableContract(driver: TableDriver): void {
  const cases = [valueCases, orderCases, atomicityCases, tokenCases, concurrencyCases].flat();
  for (const { name, needs, body } of cases)
    contractTest<Table, TableFixture>({
      driver: driver.name,
      name,
      fixture: driver.fixture,
      unsupported: needs && driver.unsupported[needs],
      body,
    });
}
