/** Child processes of the embedded drivers' tests: they tell their parent what they did, and may be killed. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Forked<Message> {
  /** All it has told, in order. */
  readonly told: readonly Message[];
  readonly pid: number;
  /** Resolves once what it has told satisfies the test; rejects when it ends before. */
  until(enough: (told: readonly Message[]) => boolean): Promise<void>;
  tell(message: unknown): void;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
  /** Its exit code, when it ends by itself. */
  ended(): Promise<number | null>;
}

/** Starts a script of this folder. */
export function forked<Message>(script: string, ...parameters: readonly string[]): Forked<Message> {
  const child = fork(join(import.meta.dirname, script), parameters, { serialization: 'json' });
  const told: Message[] = [];
  // Not 'exit': what it told last may still be unread then.
  const exited = once(child, 'close') as Promise<[number | null]>;
  let wake = () => undefined as void;
  child.on('message', (message) => {
    told.push(message as Message);
    wake();
  });
  return {
    told,
    pid: child.pid ?? 0,
    until: async (enough) => {
      while (!enough(told)) {
        const more = new Promise<true>((resolve) => (wake = () => resolve(true)));
        const isAlive = await Promise.race([more, exited.then(() => false)]);
        if (!isAlive && !enough(told)) throw new Error(`${script} ended early`);
      }
    },
    tell: (message) => void child.send(message as object),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    ended: async () => (await exited)[0],
  };
}
