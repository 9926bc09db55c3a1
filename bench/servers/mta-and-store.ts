/** A full server of two: one takes mail in by SMTP, and hands it by LMTP to the other, which keeps it. */
import type { Ports, RunningServer, ServerOptions } from './bench-server.ts';
import type { Daemon } from './daemon.ts';

export type StorePorts = Required<Ports>;

export interface Store extends Daemon {
  readonly lmtpSocket: string;
}

export type Mta = Daemon & Pick<RunningServer, 'isDelivering' | 'cpuUncounted'>;

export interface MtaAndStore {
  readonly startStore: (ports: StorePorts) => Promise<Store>;
  readonly startMta: (store: Store, port: number) => Promise<Mta>;
}

export async function startBoth(
  { portBase }: Pick<ServerOptions, 'portBase'>,
  { startStore, startMta }: MtaAndStore,
): Promise<RunningServer> {
  const ports = { smtp: portBase, imap: portBase + 1, imaps: portBase + 2, pop3: portBase + 3 };
  const store = await startStore(ports);
  const mta = await startMta(store, ports.smtp).catch(async (fault: unknown) => {
    await store.stop();
    throw fault;
  });
  return {
    ...mta,
    ports,
    roots: [mta.pid, store.pid],
    async stop() {
      await mta.stop();
      await store.stop();
    },
  };
}
