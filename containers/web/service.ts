/** The pages of a mail service, by HTTPS. */
import { webSite } from '../../mail/web/site.ts';
import { httpEngine } from '../listener/http-engine.ts';
import type { Service } from '../listener/service.ts';
import type { ListenerParts } from '../listener-parts.ts';

export function webService({ settings, directory, log }: ListenerParts): Omit<Service, 'tls'> {
  const isOurs = async (name: string) => (await directory.findDomain(name)) !== undefined;
  return {
    protocol: 'https',
    role: 'web',
    engine: httpEngine({ handler: webSite({ ...settings.site, isOurs }), log }),
    texts: {
      tooManyConnections:
        'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      fault: 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    },
  };
}
