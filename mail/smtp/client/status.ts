/** Enhanced status codes (RFC 3463, 5248) for replies that come without one: from the code and what it answered. */
import type { Step } from './limits.ts';
import type { ServerReply } from './reply.ts';

/** The second and third number; `0.0` says no more than the code does. */
const byStep: Readonly<Partial<Record<Step, Readonly<Record<number, string>>>>> = {
  greeting: { 421: '3.2', 521: '3.2', 554: '3.2' },
  startTls: { 454: '7.4', 502: '7.4' },
  auth: { 454: '7.0', 500: '5.6', 534: '7.9', 535: '7.8', 538: '7.11' },
  mail: { 452: '3.1', 530: '7.0', 550: '7.1', 552: '3.4', 553: '1.7', 555: '5.4' },
  rcpt: { 450: '2.0', 452: '5.3', 550: '1.0', 551: '1.6', 552: '5.3', 553: '1.3', 555: '5.4', 556: '1.10' },
  data: { 452: '3.1', 552: '3.4' },
  dataBlock: { 452: '3.1', 552: '3.4' },
  dataEnd: { 452: '3.1', 552: '3.4' },
};

/** At any step. */
const anywhere: Readonly<Record<number, string>> = {
  421: '3.2',
  451: '3.0',
  500: '5.2',
  501: '5.4',
  502: '5.1',
  503: '5.1',
  504: '5.4',
  521: '3.2',
};

/** The server's own where it wrote one. */
export function statusOf(reply: ServerReply, step: Step): string {
  if (reply.enhanced !== undefined) return reply.enhanced;
  const detail = byStep[step]?.[reply.code] ?? anywhere[reply.code] ?? '0.0';
  return `${Math.trunc(reply.code / 100)}.${detail}`;
}

/** In another class: what a server refused for good may be ours to try again. */
export function statusInClass(status: string, statusClass: 4 | 5): string {
  return status.replace(/^[0-9]/, String(statusClass));
}
