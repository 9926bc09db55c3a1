/** Telling all tasks of a commit: one message to the topic, which each task's queue gets. */
import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Log } from '../../../mail/ports/log.ts';
import type { Wake, WakeUp } from '../../../mail/ports/wake.ts';

export interface PublishOptions {
  readonly client: SNSClient;
  readonly topicArn: string;
  readonly log: Log;
}

const batchEntries = 10;
/** A lost wake-up costs minutes of somebody's time; a delivery must not wait for it. */
const answerMs = 2000;

/** Where nobody listens: in a Lambda. */
export function publishingWake(options: PublishOptions): Wake {
  return {
    publish: (wakeUps) => publish(options, wakeUps),
    subscribe: () => Promise.reject(new Error('this program only tells of changes, and hears of none')),
  };
}

/** Never rejects. `sender` names a task that has told its own listeners already. */
export async function publish(
  { client, topicArn, log }: PublishOptions,
  wakeUps: readonly WakeUp[],
  sender?: string,
): Promise<void> {
  const told = joined(wakeUps);
  for (let at = 0; at < told.length; at += batchEntries) {
    const PublishBatchRequestEntries = told.slice(at, at + batchEntries).map((wakeUp, each) => ({
      Id: String(each),
      Message: JSON.stringify(sender === undefined ? wakeUp : { ...wakeUp, sender }),
      MessageAttributes: {
        account: { DataType: 'String', StringValue: wakeUp.account },
        ...(sender === undefined ? {} : { sender: { DataType: 'String', StringValue: sender } }),
      },
    }));
    try {
      const command = new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries });
      const { Failed = [] } = await client.send(command, { abortSignal: AbortSignal.timeout(answerMs) });
      if (Failed.length > 0) log.warn('wake.lost', { lost: Failed.length, why: Failed[0]?.Code });
    } catch (fault) {
      log.warn('wake.lost', {
        lost: PublishBatchRequestEntries.length,
        why: fault instanceof Error ? fault.name : String(fault),
      });
    }
  }
}

/** Of several commits of an account only the last needs telling. */
function joined(wakeUps: readonly WakeUp[]): readonly WakeUp[] {
  const last = new Map<string, WakeUp>();
  for (const wakeUp of wakeUps) {
    const name = `${wakeUp.kind} ${wakeUp.account}`;
    const known = last.get(name);
    if (known?.kind === 'mail' && wakeUp.kind === 'mail' && known.rev >= wakeUp.rev) continue;
    last.set(name, wakeUp);
  }
  return [...last.values()];
}
