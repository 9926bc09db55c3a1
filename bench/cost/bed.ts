/** What operations are measured on: a deployment in the emulators, its functions, one task that listens, and accounts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DeploymentSettings } from '../../bin/deployment-settings.ts';
import { PasswordHasher } from '../../mail/auth/password.ts';
import { Secret } from '../../mail/auth/secret.ts';
import { addAccount } from '../../mail/directory/change-account.ts';
import { addDomain } from '../../mail/directory/change-domain.ts';
import { Directory } from '../../mail/directory/directory.ts';
import type { AccountId } from '../../mail/mailbox/types.ts';
import { ManualClock } from '../../test/contracts/manual-clock.ts';
import { createResources } from './aws-resources.ts';
import type { ClientSession } from './client-session.ts';
import { fillMailbox } from './fill.ts';
import { Functions } from './functions.ts';
import { openListener, type Listener } from './listener.ts';
import { Meter } from './meter.ts';

export const domain = 'example.test';
const password = 'correct horse battery';

export interface BedAccount {
  readonly id: AccountId;
  readonly address: string;
}

export interface Bed extends AsyncDisposable {
  readonly settings: DeploymentSettings;
  /** Of every account. */
  readonly password: string;
  readonly meter: Meter;
  readonly functions: Functions;
  readonly listener: Listener;
  /** The task's. */
  readonly clock: ManualClock;
  /** Another task, that knows nothing yet. */
  freshListener(): Promise<Listener>;
  addAccount(localPart: string): Promise<BedAccount>;
  fill(account: BedAccount, filled: { readonly messages: number; readonly indexes: boolean }): Promise<void>;
  /** A session of the account, logged in. */
  imap(account: BedAccount, listener?: Listener): Promise<ClientSession>;
  pop3(account: BedAccount, listener?: Listener): Promise<ClientSession>;
}

export async function openBed(): Promise<Bed> {
  await using opening = new AsyncDisposableStack();
  const scratch = await mkdtemp(join(tmpdir(), 'posta-cost-'));
  opening.defer(() => rm(scratch, { recursive: true, force: true }));
  const dynamoDb = opening.adopt(new DynamoDBClient(), (client) => client.destroy());
  const settings = await createResources(dynamoDb, { scratch });
  const meter = await Meter.of(settings.table);
  const functions = opening.use(await Functions.open({ settings, meter }));
  const clock = new ManualClock(Date.now());
  const listener = opening.use(await openListener({ settings, meter, clock }));
  const { deployment } = functions;
  const ports = {
    ...deployment,
    directory: new Directory(deployment.table),
    hasher: new PasswordHasher(),
  };
  await done(addDomain(ports, domain));
  const opened = opening.move();
  return {
    settings,
    password,
    meter,
    functions,
    listener,
    clock,
    freshListener: () => openListener({ settings, meter }),
    async addAccount(localPart) {
      const options = { address: `${localPart}@${domain}`, password: new Secret(password), quotaBytes: 1e12 };
      const { account } = await done(addAccount(ports, options));
      meter.takeLog();
      return { id: account.id, address: account.address };
    },
    fill: (account, { messages, indexes }) =>
      fillMailbox({ tableName: settings.table, meter, blobs: deployment.blobs, account, messages, indexes }),
    async imap({ address }, on = listener) {
      const client = await on.connect(993);
      await client.command(`LOGIN ${address} "${password}"`);
      return client;
    },
    async pop3({ address }, on = listener) {
      const client = await on.connect(995);
      await client.expect('+OK', `USER ${address}`);
      await client.expect('+OK', `PASS ${password}`);
      return client;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function done<Result extends { readonly kind: string }>(
  changing: Promise<Result>,
): Promise<Exclude<Result, { readonly kind: 'refused' }>> {
  const result = await changing;
  if (result.kind === 'refused') throw new Error(JSON.stringify(result));
  return result as Exclude<Result, { readonly kind: 'refused' }>;
}
