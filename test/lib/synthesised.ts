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
  readonly dns: Template;
  readonly operations: Template;
  readonly storageIsProtected: boolean;
}

export function synthesised(
  profile: PostaSettings['profile'],
  more: Readonly<Record<string, string>> = {},
): Synthesised {
  const stacks = addStacks(emptyApp(), testSettings(profile, more));
  return {
    storage: Template.fromStack(stacks.storage),
    routing: Template.fromStack(stacks.routing),
    listeners: Template.fromStack(stacks.listeners),
    dns: Template.fromStack(stacks.dns),
    operations: Template.fromStack(stacks.operations),
    storageIsProtected: stacks.storage.terminationProtection,
  };
}

/** As it is deployed, with an image that Docker would build; not yet synthesised. */
export function appOf(
  profile: PostaSettings['profile'],
  more: Readonly<Record<string, string>> = {},
  outdir?: string,
): App {
  const app = emptyApp(outdir);
  addStacks(app, testSettings(profile, { image: undefined, ...more }));
  return app;
}

function emptyApp(outdir?: string): App {
  return new App({ outdir, context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [] } });
}

function testSettings(
  profile: PostaSettings['profile'],
  more: Readonly<Record<string, string | undefined>>,
): PostaSettings {
  return readSettings({
    domain: 'example.org',
    profile,
    image: 'registry.example.org/posta:test',
    ...(profile === 'single' ? { hostedZoneId: 'Z0123456789' } : {}),
    ...more,
  });
}

/** All resources of a type. */
export function resourcesOf(template: Template, type: string): readonly Resource[] {
  return Object.values(template.findResources(type)) as unknown as readonly Resource[];
}
