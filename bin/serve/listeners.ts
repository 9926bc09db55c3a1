/** The ports of the server on one machine, and what its listeners are told. */
import type { Listener } from '../../containers/listener/service.ts';
import type { ListenerParts, ListenerSettings } from '../../containers/listener-parts.ts';
import { servicesOf } from '../../containers/services.ts';
import { standardPorts } from '../../containers/standard-ports.ts';
import { mtaStsOf } from '../../mail/web/mta-sts.ts';
import type { ServeOptions } from '../options.ts';

export function listenerSettings(options: ServeOptions, hostname: string): ListenerSettings {
  const { portBase, maxMessageSize, loopbackPasswords, mtaSts } = options;
  const { imaps, pop3s, submissions } = standardPorts;
  return {
    hostname,
    maxMessageSize,
    loopbackPasswords,
    site: {
      settings: {
        hostname,
        ports: {
          imaps: portBase + imaps,
          pop3s: portBase + pop3s,
          submissions: portBase + submissions,
        },
      },
      mtaSts: mtaStsOf(mtaSts, hostname),
    },
  };
}

export function mailListeners(parts: ListenerParts, options: ServeOptions): readonly Listener[] {
  return [...servicesOf(parts)].map(([standard, service]) => ({
    ...service,
    port: options.portBase + standard,
    proxy: options.proxyProtocol.get(standard) ?? 'off',
  }));
}
