/** Records of a hosted zone of Route 53 that programs change: an address, a proof for a certificate authority. */
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  type ChangeAction,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { setTimeout as pause } from 'node:timers/promises';
import type { Zone, ZoneRecord } from '../../mail/ports/zone.ts';

interface ZoneRecordsOptions {
  readonly client: Route53Client;
  readonly hostedZoneId: string;
}

const answerMs = 20_000;
const lookMs = 2_000;
/** Route 53 says "within 60 seconds"; it may be slower. */
const inSyncMs = 180_000;

export class Route53Zone implements Zone {
  readonly #options: ZoneRecordsOptions;
  /** Route 53 refuses a change of a zone while another is on its way. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ZoneRecordsOptions) {
    this.#options = options;
  }

  async put(records: readonly ZoneRecord[]): Promise<void> {
    await this.#change('UPSERT', records);
  }

  async remove(records: readonly ZoneRecord[]): Promise<void> {
    try {
      await this.#change('DELETE', records, { waits: false });
    } catch (fault) {
      if (!(fault instanceof Error && fault.message.includes('but it was not found'))) throw fault;
    }
  }

  async #change(
    action: ChangeAction,
    records: readonly ZoneRecord[],
    { waits = true }: { readonly waits?: boolean } = {},
  ): Promise<void> {
    if (records.length === 0) return;
    const { client, hostedZoneId } = this.#options;
    const command = new ChangeResourceRecordSetsCommand({
      HostedZoneId: hostedZoneId,
      ChangeBatch: {
        Changes: records.map(({ name, type, ttl, values }) => ({
          Action: action,
          ResourceRecordSet: {
            Name: `${name}.`,
            Type: type,
            TTL: ttl,
            ResourceRecords: values.map((value) => ({ Value: value })),
          },
        })),
      },
    });
    const names = records.map(({ name, type }) => `${name} ${type}`).join(', ');
    const send = () => client.send(command, { abortSignal: AbortSignal.timeout(answerMs) });
    const sent = this.#last.then(send);
    this.#last = sent.catch(() => undefined);
    const { ChangeInfo } = await sent.catch((fault: unknown) => {
      const why = fault instanceof Error ? `${fault.name}: ${fault.message}` : String(fault);
      throw new Error(`Route 53 did not change ${names} in ${hostedZoneId}: ${why}`, { cause: fault });
    });
    if (waits && ChangeInfo?.Status === 'PENDING') await this.#inSync(ChangeInfo.Id, names);
  }

  async #inSync(id: string | undefined, names: string): Promise<void> {
    for (let waited = 0; waited < inSyncMs; waited += lookMs) {
      await pause(lookMs);
      const command = new GetChangeCommand({ Id: id });
      const { ChangeInfo } = await this.#options.client.send(command, {
        abortSignal: AbortSignal.timeout(answerMs),
      });
      if (ChangeInfo?.Status === 'INSYNC') return;
    }
    throw new Error(`Route 53 did not tell all its servers of ${names} within ${inSyncMs / 1000} s`);
  }
}
