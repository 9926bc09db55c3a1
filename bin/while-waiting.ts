/** Says on a terminal what is waited for, once that takes longer than two seconds; on anything else, nothing. */

const tellMs = 2000;

export async function whileWaiting<Result>(
  what: string,
  work: () => Promise<Result>,
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
): Promise<Result> {
  const telling = setTimeout(() => {
    if (stream.isTTY) stream.write(`${what} …\n`);
  }, tellMs);
  try {
    return await work();
  } finally {
    clearTimeout(telling);
  }
}
