/** The mail service as it was deployed: two tasks of each listener behind a stand-in for the load balancer, and two accounts. */
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ImapFlow } from 'imapflow';
import { generate } from 'selfsigned';
import { startContainer, type RunningContainer } from '../containers/as-image.ts';
import { askAdmin } from './admin.ts';
import { containerOf, outputsOf } from './deployed.ts';
import { startForwarder, type Forwarder } from './forwarder.ts';

export const stage = 'posta';
export const standing = { smtp: [25, 465, 587, 443], imap: [143, 993], pop3: [110, 995] } as const;
export type ServiceName = keyof typeof standing;
export const serviceNames = Object.keys(standing) as readonly ServiceName[];

export interface MailServiceOptions {
  /** Local parts, of example.org. */
  readonly accounts: readonly string[];
  /** Of the first task; the others stand 1000 above one another. */
  readonly portBase: number;
}

export class MailService implements AsyncDisposable {
  readonly tasks: Record<ServiceName, RunningContainer[]> = { smtp: [], imap: [], pop3: [] };
  readonly passwords = new Map<string, string>();
  readonly #opened = new AsyncDisposableStack();
  #portBase: number;
  #forwarder: Forwarder | undefined;

  private constructor({ portBase }: MailServiceOptions) {
    this.#portBase = portBase;
  }

  static async start(options: MailServiceOptions): Promise<MailService> {
    const service = new MailService(options);
    await putCertificate();
    await askAdmin('domain add', { domain: 'example.org' }).catch((fault: Error) => {
      if (!fault.message.includes('already')) throw fault;
    });
    for (const name of options.accounts) {
      const added = await askAdmin('account add', { address: `${name}@example.org` });
      service.passwords.set(name, String(added['password']));
    }
    for (const name of serviceNames) for (const _ of [1, 2]) await service.startTask(name);
    const ways = serviceNames.flatMap((name) =>
      standing[name].map((port) => [port, () => service.tasks[name]] as const),
    );
    service.#forwarder = service.#opened.use(await startForwarder(new Map(ways)));
    return service;
  }

  /** One more, of the newest task definition. */
  async startTask(name: ServiceName): Promise<RunningContainer> {
    const { command, environment } = await containerOf(`${stage}-${name}`);
    const portBase = (this.#portBase += 1000);
    const task = this.#opened.use(await startContainer({ command, environment, portBase }));
    this.tasks[name].push(task);
    return task;
  }

  /** Where a client finds a standard port. */
  port(standard: number): number {
    return this.#forwarder?.port(standard) ?? 0;
  }

  async imap(name: string): Promise<ImapFlow> {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: this.port(993),
      secure: true,
      auth: { user: `${name}@example.org`, pass: this.passwords.get(name) ?? '' },
      tls: { rejectUnauthorized: false },
      disableAutoIdle: true,
      logger: false,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

async function putCertificate(): Promise<void> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'mail.example.org' }], {
    keyType: 'ec',
    algorithm: 'sha256',
  });
  const client = new SecretsManagerClient();
  const { CertificateSecret: SecretId } = await outputsOf(`${stage}-storage`);
  const SecretString = JSON.stringify({ certificate: cert, key });
  await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
  client.destroy();
}
