/** The stacks of a deployment, and what they have of one another. */
import { Tags, type App } from 'aws-cdk-lib';
import { DnsStack } from './dns-stack.ts';
import { ListenersStack } from './listeners-stack.ts';
import { OperationsStack } from './operations-stack.ts';
import { RoutingStack } from './routing-stack.ts';
import type { PostaSettings } from './settings.ts';
import { StorageStack } from './storage-stack.ts';

export interface PostaStacks {
  readonly storage: StorageStack;
  readonly routing: RoutingStack;
  readonly listeners: ListenersStack;
  readonly dns: DnsStack;
  readonly operations: OperationsStack;
}

export function addStacks(app: App, settings: PostaSettings): PostaStacks {
  const { stage } = settings;
  const storage = new StorageStack(app, `${stage}-storage`, { settings });
  const routing = new RoutingStack(app, `${stage}-routing`, { settings, storage });
  const listeners = new ListenersStack(app, `${stage}-listeners`, { settings, storage, routing });
  const dns = new DnsStack(app, `${stage}-dns`, { settings, storage, routing, listeners });
  const operations = new OperationsStack(app, `${stage}-operations`, {
    settings,
    storage,
    routing,
    listeners,
  });
  Tags.of(app).add('posta:stage', stage);
  return { storage, routing, listeners, dns, operations };
}
