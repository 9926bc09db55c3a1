/** Which protocol in which role stands on which of the standard ports. */
import type { Service } from './listener/service.ts';
import { imapService } from './imap/service.ts';
import type { ListenerParts } from './listener-parts.ts';
import { pop3Service } from './pop3/service.ts';
import { smtpService } from './smtp/service.ts';
import { standardPorts, type StandardPort } from './standard-ports.ts';
import { webService } from './web/service.ts';

export function servicesOf(parts: ListenerParts): ReadonlyMap<StandardPort, Service> {
  return new Map<StandardPort, Service>([
    [standardPorts.smtp, { ...smtpService(parts, 'mta'), tls: 'starttls' }],
    [standardPorts.submission, { ...smtpService(parts, 'msa'), tls: 'starttls' }],
    [standardPorts.submissions, { ...smtpService(parts, 'msa'), tls: 'implicit' }],
    [standardPorts.imap, { ...imapService(parts), tls: 'starttls' }],
    [standardPorts.imaps, { ...imapService(parts), tls: 'implicit' }],
    [standardPorts.pop3, { ...pop3Service(parts), tls: 'starttls' }],
    [standardPorts.pop3s, { ...pop3Service(parts), tls: 'implicit' }],
    [standardPorts.https, { ...webService(parts), tls: 'implicit' }],
  ]);
}
