/** Where mail for other servers goes from a deployment, as its settings say. */
import { SESClient } from '@aws-sdk/client-ses';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readSecret } from '../drivers/aws/secret-text.ts';
import { sesNextHop } from '../drivers/aws/ses/next-hop.ts';
import { systemConnector } from '../drivers/system/connector.ts';
import { systemResolver } from '../drivers/system/resolver.ts';
import { createNextHops, type NextHopSettings } from '../mail/delivery/next-hop/create-next-hops.ts';
import { rememberNextHopId } from '../mail/delivery/outbound/next-hop-ids.ts';
import type { NextHops } from '../mail/ports/next-hop.ts';
import type { Deployment, DeploymentOptions } from './deployment.ts';
import { parseSmartHost } from './next-server.ts';

/** Reads what is secret once; what it gives opens connections of its own, which disposing ends. */
export async function deploymentNextHops(
  deployment: Deployment,
  { prepareClient }: Pick<DeploymentOptions, 'prepareClient'> = {},
): Promise<() => NextHops & AsyncDisposable> {
  const { clock, log, metrics, settings } = deployment;
  const ways = await waysOf(deployment, prepareClient);
  return () => {
    const ending = new AbortController();
    const resolver = systemResolver({ signal: ending.signal });
    const ports = { hostname: settings.hostname, clock, log, metrics, random: Math.random };
    const hops = createNextHops({ ...ports, connector: systemConnector(), resolver }, ways);
    return {
      destinationOf: (domain, message) => hops.destinationOf(domain, message),
      async [Symbol.asyncDispose]() {
        ending.abort();
        await hops[Symbol.asyncDispose]();
      },
    };
  };
}

async function waysOf(
  deployment: Deployment,
  prepareClient: DeploymentOptions['prepareClient'],
): Promise<NextHopSettings> {
  const { settings } = deployment;
  const routes = new Map<string, never>();
  switch (settings.nextHop) {
    case 'ses':
      return { routes, ses: { name: 'Amazon SES', hop: sesHop(deployment, prepareClient) } };
    case 'smart-host': {
      const arn = settings.smartHostSecret;
      if (arn === undefined)
        throw new Error('POSTA_SMART_HOST_SECRET is not set: the next hop is a smart host');
      return {
        routes,
        smartHost: parseSmartHost((await readSecret(new SecretsManagerClient(), arn)).trim()),
      };
    }
    case 'mx':
      // Its own addresses are the load balancer's: a loop is known by the name.
      return { routes, mx: { names: [settings.hostname], addresses: [] } };
    case 'hold':
      return { routes };
    default:
      return settings.nextHop satisfies never;
  }
}

function sesHop(
  { table, clock, log, settings }: Deployment,
  prepareClient: DeploymentOptions['prepareClient'],
) {
  const { sesConfigurationSet: configurationSet } = settings;
  // What timed out may have been sent: it is not sent again by itself, but at the next attempt.
  const once = { maxAttempts: 1 };
  const ses = new SESClient(once);
  const sesv2 = new SESv2Client(once);
  for (const client of [ses, sesv2]) prepareClient?.(client);
  return sesNextHop({
    ses,
    sesv2,
    ...(configurationSet === undefined ? {} : { configurationSet }),
    // It is sent, whatever comes of this; its tag names the message as well.
    sentAs: ({ sesId, messageId }) =>
      rememberNextHopId({ table, clock }, { id: sesId, messageId }).catch((fault: unknown) =>
        log.error('relay.idNotKept', fault, { messageId, sesId }),
      ),
  });
}
