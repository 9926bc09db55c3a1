/** The templates of a deployment, without Docker and without bundling its functions. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readSettings, type PostaSettings } from '../../lib/settings.ts';
import { addStacks } from '../../lib/stacks.ts';
import cdkJson from '../../cdk.json' with { type: 'json' };

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export interface Synthesised {
  readonly storage: Template;
  readonly routing: Template;
  readonly listeners: Template;
  readonly storageIsProtected: boolean;
}

export function synthesised(
  profile: PostaSettings['profile'],
  more: Readonly<Record<string, string>> = {},
): Synthesised {
  const app = new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } });
  const given: Readonly<Record<string, string>> = {
    domain: 'example.org',
    profile,
    image: 'registry.example.org/posta:test',
    ...more,
  };
  const stacks = addStacks(
    app,
    readSettings((name) => given[name], import.meta.dirname),
  );
  return {
    storage: Template.fromStack(stacks.storage),
    routing: Template.fromStack(stacks.routing),
    listeners: Template.fromStack(stacks.listeners),
    storageIsProtected: stacks.storage.terminationProtection,
  };
}

/** All resources of a type. */
export function resourcesOf(template: Template, type: string): readonly Resource[] {
  return Object.values(template.findResources(type)) as unknown as readonly Resource[];
}
