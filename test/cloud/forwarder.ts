/** Stands in for the load balancer: takes the mail ports, and hands connections to tasks with a PROXY header (version 2). */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { version2 } from '../containers/listener/proxy-headers.ts';

/** Where a task stands: each standard port at its base, or at one port that all of them share. */
export interface Task {
  readonly portBase: number;
}

export interface Forwarder extends AsyncDisposable {
  /** Where a client finds a standard port. */
  port(standard: number): number;
}

/** Connections go to the tasks in turn; one that refuses is passed over. */
export async function startForwarder(
  ports: ReadonlyMap<number, () => readonly Task[]>,
  { onePort }: { readonly onePort?: number } = {},
): Promise<Forwarder> {
  const servers = new Map<number, Server>();
  const sockets = new Set<Socket>();
  for (const [standard, tasks] of ports) {
    let turn = 0;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      sockets.add(client);
      client.on('error', () => undefined).on('close', () => sockets.delete(client));
      const all = tasks();
      const order = all.map((_, at) => all[(turn + at) % all.length]);
      turn += 1;
      void forward(client, { standard, onePort, tasks: order.filter((task) => task !== undefined) });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.set(standard, server);
  }
  return {
    port(standard) {
      const address = servers.get(standard)?.address();
      if (address === null || typeof address !== 'object') throw new Error(`nothing stands on ${standard}`);
      return address.port;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        [...servers.values()].map((server) => new Promise((resolve) => server.close(resolve))),
      );
    },
  };
}

interface Way {
  readonly standard: number;
  readonly onePort: number | undefined;
  readonly tasks: readonly Task[];
}

async function forward(client: Socket, { standard, onePort, tasks }: Way): Promise<void> {
  for (const { portBase } of tasks) {
    const task = connect({
      port: portBase + (onePort ?? standard),
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    });
    const connected = await Promise.race([
      once(task, 'connect').then(() => true),
      once(task, 'error').then(
        () => false,
        () => false,
      ),
    ]);
    if (!connected) continue;
    task.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => task.destroy());
    task.write(headerOf(client, standard));
    client.pipe(task);
    task.pipe(client);
    return;
  }
  client.destroy();
}

/** From a client on the internet: who comes from the loopback may do more. */
function headerOf(client: Socket, standard: number): Buffer {
  const addresses = Buffer.from([192, 0, 2, 7, 198, 51, 100, 9, 0, 0, 0, 0]);
  addresses.writeUInt16BE(client.remotePort ?? 0, 8);
  addresses.writeUInt16BE(standard, 10);
  return version2({ addresses });
}
