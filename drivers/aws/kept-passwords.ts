/** New passwords in Parameter Store, encrypted, for the admin who asked for them to read once. */
import { randomUUID } from 'node:crypto';
import {
  DeleteParametersCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';

interface KeptPasswordsOptions {
  readonly client: SSMClient;
  /** `/posta/new-passwords/`. */
  readonly path: string;
}

/** Of one call. */
const maxDeleted = 10;

export class ParameterPasswords {
  readonly #options: KeptPasswordsOptions;

  constructor(options: KeptPasswordsOptions) {
    this.#options = options;
  }

  /** Answers its name. */
  async keep(password: { reveal(): string }, what: string): Promise<string> {
    const Name = `${this.#options.path}${randomUUID()}`;
    await this.#options.client.send(
      new PutParameterCommand({
        Name,
        Type: 'SecureString',
        Value: password.reveal(),
        // Characters of an address that a description may not have.
        Description: what.replaceAll(/[^\p{L}\p{N}\s_.:/=+\-@]/gu, '?').slice(0, 1000),
      }),
    );
    return Name;
  }

  /** Answers how many went. */
  async removeOlderThan(date: Date): Promise<number> {
    const { client, path } = this.#options;
    const old: string[] = [];
    for (let next: string | undefined, first = true; first || next !== undefined; first = false) {
      const page = await client.send(new GetParametersByPathCommand({ Path: path, NextToken: next }));
      for (const { Name, LastModifiedDate } of page.Parameters ?? [])
        if (Name !== undefined && LastModifiedDate !== undefined && LastModifiedDate < date) old.push(Name);
      next = page.NextToken;
    }
    for (let at = 0; at < old.length; at += maxDeleted)
      await client.send(new DeleteParametersCommand({ Names: old.slice(at, at + maxDeleted) }));
    return old.length;
  }
}

/** Where a deployment's lie. */
export function passwordPath(stage: string): string {
  return `/${stage}/new-passwords/`;
}
