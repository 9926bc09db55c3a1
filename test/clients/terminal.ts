/** A terminal of its own for a client that draws on one: keys go in, and the screen is read as its user sees it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runClient } from './run.ts';

export class Terminal implements AsyncDisposable {
  /** Of its tmux server: one for each terminal. */
  readonly #socket: string;

  private constructor(folder: string) {
    this.#socket = join(folder, `terminal-${randomBytes(6).toString('hex')}`);
  }

  /** Runs a shell command in it; its end is the terminal's. `folder` is for what is thrown away. */
  static async start(
    command: string,
    options: { readonly folder: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<Terminal> {
    const terminal = new Terminal(options.folder);
    const variables = Object.entries({ LANG: 'C.UTF-8', ...options.env }).flatMap(([name, value]) => [
      '-e',
      `${name}=${value}`,
    ]);
    await terminal.#tmux('-f/dev/null', 'new-session', '-d', '-x120', '-y40', ...variables, command);
    return terminal;
  }

  /** Presses keys, each as tmux names it (`Enter`, `q`), or types text with more than one letter. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#tmux('send-keys', key);
  }

  /** What the screen shows, once it shows `expected`. */
  async shows(expected: RegExp): Promise<string> {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const screen = await this.#tmux('capture-pane', '-p');
      if (expected.test(screen)) return screen;
      assert.ok(Date.now() < deadline, `the screen never showed ${expected}:\n${screen}`);
      await sleep(50);
    }
  }

  /** Waits until the command has ended by itself. */
  async ended(): Promise<void> {
    const deadline = Date.now() + 15_000;
    while ((await runClient('tmux', ['-S', this.#socket, 'list-sessions'])).code === 0) {
      assert.ok(Date.now() < deadline, `the client did not end`);
      await sleep(50);
    }
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runClient('tmux', ['-S', this.#socket, ...args]);
    assert.equal(code, 0, `tmux ${args.join(' ')}: ${stderr}`);
    return Buffer.from(stdout, 'latin1').toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await runClient('tmux', ['-S', this.#socket, 'kill-server']);
  }
}
