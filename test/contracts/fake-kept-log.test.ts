import { fakeKeptLog } from './fake-kept-log.ts';
import { keptLogContract } from './kept-log.ts';

keptLogContract('lines in memory', async () => {
  const lines: Parameters<typeof fakeKeptLog>[0][number][] = [];
  return {
    keptLog: fakeKeptLog(lines),
    put: async (more) => void lines.push(...more),
    async [Symbol.asyncDispose]() {},
  };
});
