/** The contract of KeptLog: every driver passes it whole. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { KeptLine, KeptLog, KeptLogQuery } from '../../mail/ports/kept-log.ts';

export interface KeptLogUnderTest extends AsyncDisposable {
  readonly keptLog: KeptLog;
  /** Resolves when the lines, logged at their times, can be found. */
  put(lines: readonly KeptLine[]): Promise<void>;
}

const line = (time: string, event: string, fields: KeptLine['fields'] = {}): KeptLine => ({
  time: `2026-11-${time}Z`,
  level: 'info',
  event,
  fields,
});

/** All lines that are found. */
export async function found(keptLog: KeptLog, query: KeptLogQuery): Promise<readonly KeptLine[]> {
  const lines: KeptLine[] = [];
  for await (const each of keptLog.find(query)) lines.push(each);
  return lines;
}

/** Registers the suite for a driver; each test has a log of its own, empty at first. */
export function keptLogContract(driver: string, open: () => Promise<KeptLogUnderTest>): void {
  const check = (name: string, body: (under: KeptLogUnderTest) => Promise<void>) => {
    test(name, async () => {
      await using under = await open();
      await body(under);
    });
  };
  const events = async ({ keptLog }: KeptLogUnderTest, query: KeptLogQuery) =>
    (await found(keptLog, query)).map(({ event }) => event);

  suite(`KeptLog: ${driver}`, () => {
    check('nothing is found where nothing was logged', async (under) => {
      assert.deepEqual(await events(under, { fields: ['messageId'], value: 'm1' }), []);
    });

    check('a line comes back as it was logged', async (under) => {
      const fault = { type: 'Error', message: 'no', stack: 'Error: no\n    at x' };
      const failed = { ...line('24T12:00:00.000', 'failed', { messageId: 'm1', fault }), level: 'error' };
      await under.put([failed]);
      assert.deepEqual(await found(under.keptLog, { fields: ['messageId'], value: 'm1' }), [failed]);
    });

    check('a value is found in its field only, whole, and as one of a list', async (under) => {
      await under.put([
        line('24T12:00:00.000', 'whole', { messageId: 'm1' }),
        line('24T12:00:01.000', 'longer', { messageId: 'm12' }),
        line('24T12:00:02.000', 'elsewhere', { other: 'm1' }),
        line('24T12:00:03.000', 'list', { messageId: ['m0', 'm1'] }),
        line('24T12:00:04.000', 'm1'),
      ]);
      assert.deepEqual(await events(under, { fields: ['messageId'], value: 'm1' }), ['whole', 'list']);
      const several = { fields: ['other', 'messageId'], value: 'm1' };
      assert.deepEqual(await events(under, several), ['whole', 'elsewhere', 'list']);
    });

    check('any text is found', async (under) => {
      for (const value of ['<a"b\\c@example.org>', 'Grüße', 'line\nend', '日本'])
        await under.put([line('24T12:00:00.000', value, { msgId: value })]);
      for (const value of ['<a"b\\c@example.org>', 'Grüße', 'line\nend', '日本'])
        assert.deepEqual(await events(under, { fields: ['msgId'], value }), [value]);
    });

    check(
      'lines of several days come in their order, and only from the time that is asked for',
      async (under) => {
        const times = [
          '23T23:59:59.999',
          '24T00:00:00.000',
          '24T23:59:59.000',
          '25T00:00:00.000',
          '27T08:00:00.000',
        ];
        await under.put(times.map((time) => line(time, time, { messageId: 'm1' })));
        assert.deepEqual(await events(under, { fields: ['messageId'], value: 'm1' }), times);
        const within = {
          fromMs: Date.parse('2026-11-24T00:00:00Z'),
          toMs: Date.parse('2026-11-25T00:00:00Z'),
        };
        assert.deepEqual(
          await events(under, { fields: ['messageId'], value: 'm1', ...within }),
          times.slice(1, 4),
        );
      },
    );

    check('of many lines only those asked for come, however they lie', async (under) => {
      const lines = Array.from({ length: 20_000 }, (_, at) =>
        line('24T12:00:00.000', `e${at}`, { messageId: `m${at % 97}`, text: 'x'.repeat((at * 7) % 300) }),
      );
      await under.put(lines);
      const expected = lines.filter((_, at) => at % 97 === 13).map(({ event }) => event);
      assert.deepEqual(await events(under, { fields: ['messageId'], value: 'm13' }), expected);
    });
  });
}
