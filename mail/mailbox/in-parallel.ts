/** Work on many things, so many at a time. */

/** Resolves when all is done; after the first failure nothing more is begun, and it rejects when the rest has ended. */
export async function inParallel<Thing>(
  things: readonly Thing[],
  atOnce: number,
  work: (thing: Thing) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const next = things[Symbol.iterator]();
  const worker = async () => {
    for (const thing of next) {
      try {
        await work(thing);
      } catch (fault) {
        failures.push(fault);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, things.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
