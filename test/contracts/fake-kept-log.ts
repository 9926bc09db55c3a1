/** Lines in memory, for tests of what searches them. Passes the contract of KeptLog (kept-log.ts). */
import type { KeptLine, KeptLog } from '../../mail/ports/kept-log.ts';

/** `lines` in the order of time; more may be added. */
export function fakeKeptLog(lines: readonly KeptLine[]): KeptLog {
  return {
    async *find({ fields, value, fromMs = -Infinity, toMs = Infinity }) {
      for (const line of [...lines]) {
        const timeMs = Date.parse(line.time);
        const has = fields.some((name) => [line.fields[name]].flat().includes(value));
        if (has && timeMs >= fromMs && timeMs <= toMs) yield line;
      }
    },
  };
}
