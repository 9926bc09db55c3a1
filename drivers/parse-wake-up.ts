/** A wake-up as it comes from another process. */
import type { WakeUp } from '../mail/ports/wake.ts';

/** Undefined for what another version of the program may say. */
export function parseWakeUp(message: unknown): WakeUp | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { kind, account, rev } = message as Record<string, unknown>;
  if (typeof account !== 'string') return undefined;
  if (kind === 'access') return { kind, account };
  return kind === 'mail' && typeof rev === 'number' ? { kind, account, rev } : undefined;
}
