/** The function behind the starts of tasks, and a schedule for those that were missed. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { Route53Client } from '@aws-sdk/client-route-53';
import { z } from 'zod';
import { Route53Zone } from '../../drivers/aws/route-53-zone.ts';
import { taskAddress } from '../../drivers/aws/task-address.ts';
import { systemLog } from '../../drivers/system/log.ts';
import { keepAddress } from './keep-address.ts';

const name = z.string().min(1);
const environment = z
  .object({
    POSTA_HOSTNAME: name,
    POSTA_HOSTED_ZONE_ID: name,
    POSTA_CLUSTER: name,
    POSTA_SERVICE: name,
  })
  .parse(process.env);

const { POSTA_CLUSTER: cluster, POSTA_SERVICE: service } = environment;
const [ecs, ec2, client] = [new ECSClient(), new EC2Client(), new Route53Client()];
const log = systemLog({ level: 'info', destination: process.stdout }).with({ service: 'address' });

export const handler = keepAddress({
  hostname: environment.POSTA_HOSTNAME,
  findAddress: () => taskAddress({ ecs, ec2, cluster, service }),
  zone: new Route53Zone({ client, hostedZoneId: environment.POSTA_HOSTED_ZONE_ID }),
  log,
});
