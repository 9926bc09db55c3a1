/** What a benchmark asks of a mail server, Posta or another: to start afresh in a folder, and to say what it uses. */

import type { Work } from '../works/work.ts';

/** The mailboxes that every server has: `user0@bench.test` … , each with this password. */
export const domain = 'bench.test';
export const password = 'bench-password';
export const userAddress = (number: number): string => `user${number}@${domain}`;

/** Ports of 127.0.0.1. A server without a protocol leaves its port out, and the works that need it pass it by. */
export interface Ports {
  /** Mail from other servers, for users here: no password, STARTTLS offered. */
  readonly smtp: number;
  /** Passwords taken without TLS, the client being on loopback; STARTTLS offered. */
  readonly imap?: number;
  readonly imaps?: number;
  readonly pop3?: number;
}

export interface ServerOptions {
  /** An empty folder on a real disk, kept by the caller: everything that the server stores goes below it. */
  readonly scratch: string;
  /** Mailboxes `user0` to `user<users - 1>`; all are there when `start` has answered. */
  readonly users: number;
  /** Paths of PEM files: a certificate with its key, the same for every server. */
  readonly certificate: { readonly cert: string; readonly key: string };
  /** The first of 20 ports that nothing else uses. */
  readonly portBase: number;
}

export interface RunningServer {
  readonly ports: Ports;
  /** Processes whose descendants, and they themselves, are all of the server. */
  readonly roots: readonly number[];
  /** Whether mail that it took is on its way to mailboxes; left out where that shows in processor time. */
  readonly isDelivering?: () => boolean;
  /** Set where it does not wait for its own processes, so that the system does not count what they have used. */
  readonly cpuUncounted?: true;
  /** Ends it as its own tools end it, and waits until all of its processes have ended. What it stored stays. */
  stop(): Promise<void>;
}

/** How the report compares Posta with it. */
export type Role =
  /** It keeps mailboxes: Posta is to be so many times as fast. */
  | 'full'
  /** It keeps messages and no more: Posta is to take them in ahead of it. */
  | 'smtpOnly'
  /** It keeps nothing: its figures are shown. */
  | 'ceiling';

export interface BenchServer {
  /** As the table's heading has it: `Postfix 3.7.11 + Dovecot 2.3.19, tuned`. */
  readonly name: string;
  readonly role: Role;
  /** One line for each setting that durability, speed or fairness turns on, with what it means. */
  readonly settings: readonly string[];
  /** The works that say something of it; all that its ports allow, unless given. */
  readonly takes?: (work: Work) => boolean;
  /** Starts on what is in `scratch`: empty, or what an earlier start has left there. Answers when every port greets. */
  start(options: ServerOptions): Promise<RunningServer>;
}
