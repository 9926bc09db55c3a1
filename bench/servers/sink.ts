/** A server that keeps nothing: what the load generator could do at most if a server cost nothing. */
import type { BenchServer } from './bench-server.ts';
import { startProgram } from './program.ts';

export const sink: BenchServer = {
  name: 'sink',
  role: 'ceiling',
  settings: ['answers 250 to every message and throws it away'],
  start: ({ portBase, certificate }) => startProgram('sink-program.ts', { port: portBase, certificate }),
};
