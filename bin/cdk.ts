#!/usr/bin/env node
/** The CDK app: what `npx cdk deploy --all -c domain=example.org` makes. */
import { App } from 'aws-cdk-lib';
import { bundleContainers } from '../containers/bundle.ts';
import { leaveOut } from '../lib/leave-out.ts';
import { givenSettings } from '../lib/settings-file.ts';
import { readSettings } from '../lib/settings.ts';
import { addStacks } from '../lib/stacks.ts';

const app = new App();
const context = (name: string) => app.node.tryGetContext(name) as unknown;
const settings = readSettings(await givenSettings(context));
// What the image copies.
if (settings.image === undefined) await bundleContainers();
addStacks(app, settings);
leaveOut(app);
app.synth();
