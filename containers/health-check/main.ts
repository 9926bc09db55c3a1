/** Whether the container it runs in is ready: the task definition's health check. Exit code 0 or 1. */
const port = Number(process.env['POSTA_PORT_BASE'] ?? 2000) + 80;
const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(3000) }).catch(
  () => undefined,
);
process.exitCode = answer?.status === 200 ? 0 : 1;
