/** Embedded stores for the contract suites, each in a data directory of its own. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../../drivers/embedded/store.ts';
import type { EmbeddedStore } from '../../../drivers/embedded/store.ts';
import type { Clock } from '../../../mail/ports/clock.ts';
import type { Fixture } from '../../contracts/contract.ts';

/** A data directory and the stores that are open on it. */
export function storeFixture<Port, Time extends Clock>(options: {
  readonly clock: Time;
  /** The port of a store. */
  readonly port: (store: EmbeddedStore) => Port;
  /** The module that opens the same port for a child process. */
  readonly module: string;
}): Fixture<Port> & { readonly clock: Time } {
  const data = mkdtempSync(join(tmpdir(), 'posta-store-'));
  const stores = new Set<EmbeddedStore>();
  return {
    clock: options.clock,
    child: { module: options.module, argument: data },
    open: async () => {
      const store = await openStore({ data, clock: options.clock });
      stores.add(store);
      const close = () => {
        stores.delete(store);
        return store.close();
      };
      return { port: options.port(store), close };
    },
    remove: async () => {
      for (const store of stores) await store.close();
      await rm(data, { recursive: true });
    },
  };
}
