/** COPY whole (all or nothing), MOVE and undelete in as many parts as they need. */
import { ChangeTooLarge } from '../account-writer.ts';
import type { AccountWriter } from '../account-writer.ts';
import { runBulk } from '../changes/bulk.ts';
import { checkCopy, copyChange, moveChange, undeleteChange } from '../changes/copy.ts';
import type { CopyRequest } from '../changes/copy.ts';
import { messagesAPart, submitParts } from '../changes/parts.ts';
import { sortedUids } from '../changes/records.ts';
import type { CopyOutcome } from '../outcome.ts';
import { newId } from '../types.ts';
import type { RandomBytes, Uid } from '../types.ts';

/** What COPY needs. */
export interface CopyPorts {
  readonly random: RandomBytes;
  readonly writer: AccountWriter;
}

/** In one commit where it fits; else checked first, then in parts under a `bulk#` record. */
export async function copyAll(ports: CopyPorts, request: CopyRequest): Promise<CopyOutcome> {
  const { writer } = ports;
  const uids = sortedUids(request.uids);
  const whole = { ...request, uids };
  if (uids.length > messagesAPart(writer)) return copyInParts(ports, whole);
  try {
    return await writer.submit(copyChange(whole));
  } catch (fault) {
    if (!(fault instanceof ChangeTooLarge) || uids.length === 1) throw fault;
    return copyInParts(ports, whole);
  }
}

async function copyInParts(ports: CopyPorts, request: CopyRequest): Promise<CopyOutcome> {
  const { writer } = ports;
  const check = await writer.submit(checkCopy(request));
  if (check.kind !== 'fits') return check;
  const parts = await runBulk<Uid, CopyOutcome>({
    writer,
    token: newId(ports.random),
    mailbox: request.to,
    things: request.uids,
    partSize: messagesAPart(writer),
    changeOf: (uids) => copyChange({ ...request, uids }),
    addedBy: (result) => (result.kind === 'copied' ? result.copied.map(({ to }) => to) : undefined),
  });
  return 'refusal' in parts ? parts.refusal : joined(parts);
}

/** Each part whole in itself: after a refusal, what was moved stays moved, and is told if it was anything. */
export function moveAll(writer: AccountWriter, request: CopyRequest): Promise<CopyOutcome> {
  return inParts(writer, { request, change: moveChange });
}

/** As `moveAll`. */
export function undeleteAll(writer: AccountWriter, request: CopyRequest): Promise<CopyOutcome> {
  return inParts(writer, { request, change: undeleteChange });
}

async function inParts(
  writer: AccountWriter,
  options: { readonly request: CopyRequest; readonly change: typeof moveChange },
): Promise<CopyOutcome> {
  const { request, change } = options;
  const results = await submitParts<CopyOutcome>({
    writer,
    uids: sortedUids(request.uids),
    partSize: messagesAPart(writer),
    change: (uids) => change({ ...request, uids }),
    goesOn: ({ kind }) => kind === 'copied',
  });
  return joined(results);
}

/** The results of all parts as one; where nothing was done before a refusal, the refusal. */
function joined(results: readonly CopyOutcome[]): CopyOutcome {
  const done = results.flatMap((result) => (result.kind === 'copied' ? [result] : []));
  const refusal = results.find(({ kind }) => kind !== 'copied');
  const [first] = done;
  if (refusal !== undefined && !done.some(({ copied }) => copied.length > 0)) return refusal;
  if (first === undefined) throw new Error('an operation in parts had none');
  return {
    kind: 'copied',
    uidValidity: first.uidValidity,
    copied: done.flatMap(({ copied }) => copied),
    missing: done.flatMap(({ missing }) => missing),
  };
}
