/** A port base whose mail ports are all free, and that no other test file is given at the same time. */
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const mailPorts = [25, 110, 143, 443, 465, 587, 993, 995];

/** Each process of tests has one: looking whether a port is free takes it for a moment, and another may want it then. */
const slots = 8;
const basesOfASlot = 23;
/** No two of the ports are a multiple of it apart, so no port of one base is that of another. */
const spacing = 103;

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

const lockOf = (slot: number) => join(tmpdir(), `posta-test-ports-${slot}`);

/** Takes the first slot that no living process has, until this one ends; where there is none, it shares one. */
function takeSlot(): number {
  for (let slot = 0; slot < slots; slot++)
    if (lock(slot)) {
      process.once('exit', () => rmSync(lockOf(slot), { force: true }));
      return slot;
    }
  return process.pid % slots;
}

function lock(slot: number): boolean {
  try {
    if (!isAlive(Number(readFileSync(lockOf(slot), 'utf8')))) rmSync(lockOf(slot), { force: true });
  } catch {
    // Nobody has it.
  }
  try {
    writeFileSync(lockOf(slot), String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

let ownSlot: number | undefined;
let given = 0;

/** Between 12,000 and 31,000: below the ports that the kernel gives to outgoing connections. Never the last one again. */
export async function freePortBase(): Promise<number> {
  ownSlot ??= takeSlot();
  for (let attempt = 0; attempt < basesOfASlot; attempt++) {
    const base = 12_000 + (ownSlot * basesOfASlot + (given++ % basesOfASlot)) * spacing;
    const free = await Promise.all(mailPorts.map((port) => isFree(base + port)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(
    `no port base with free mail ports was found in ${basesOfASlot} tries; close what listens and try again`,
  );
}
