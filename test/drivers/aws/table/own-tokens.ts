/**
 * A table whose tokens are its own. DynamoDB knows a token by the account, not by the table, and tests with the same
 * seed send the same tokens to their tables.
 */
import { hash } from 'node:crypto';
import type { Table } from '../../../../mail/ports/table.ts';

export function withOwnTokens(table: Table, tableName: string): Table {
  return {
    limits: table.limits,
    get: (key, options) => table.get(key, options),
    getMany: (keys, options) => table.getMany(keys, options),
    query: (range) => table.query(range),
    commit: (writes, { token, ...options } = {}) =>
      table.commit(
        writes,
        token === undefined
          ? options
          : { ...options, token: hash('sha256', `${tableName} ${token}`).slice(0, 36) },
      ),
  };
}
