/** The network of the tests keeps the promises of the port: what passes over it passes over sockets. */
import { systemClock } from '../../../../drivers/system/clock.ts';
import { connectorContract, type ConnectorUnderTest } from '../../../contracts/connector.ts';
import { MemoryNetwork } from './memory-network.ts';

async function open(): Promise<ConnectorUnderTest> {
  const network = new MemoryNetwork(systemClock());
  let port = 0;
  return {
    connector: network,
    certificateName: 'localhost',
    async serve(engine, tls) {
      const place = { address: '192.0.2.25', port: ++port };
      network.serve({ ...place, engine, certificateFor: 'localhost', tls: tls !== 'none' });
      return place;
    },
    nobody: async () => ({ address: '192.0.2.25', port: 9 }),
    async [Symbol.asyncDispose]() {},
  };
}

connectorContract('in memory', open);
