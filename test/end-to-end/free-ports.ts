/** A port base whose mail ports are all free, so that suites can run at once. */
import { createServer } from 'node:net';
import { once } from 'node:events';

export const mailPorts = [25, 110, 143, 465, 587, 993, 995];

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** Tries random bases between 12,000 and 31,000: below the ports that the kernel gives to outgoing connections. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = 12_000 + Math.floor(Math.random() * 190) * 100;
    const free = await Promise.all(mailPorts.map((port) => isFree(base + port)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(
    'no port base with free mail ports was found in 50 tries; close what listens and try again',
  );
}
