/** What the DNS must say: kept in the hosted zone, or told as outputs that are ready to paste; and the certificate for these names. */
import { CfnOutput, Stack, Token, type StackProps } from 'aws-cdk-lib';
import type { EmailIdentity } from 'aws-cdk-lib/aws-ses';
import { ARecord, CfnRecordSet, HostedZone, RecordTarget, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import { presentValue, zoneFileLines, type DnsRecord } from '../mail/dns-records/dns-record.ts';
import { recordsOf, type SesDns } from '../mail/dns-records/records-of.ts';
import { mtaStsOf } from '../mail/web/mta-sts.ts';
import { Certify } from './constructs/certify.ts';
import { TaskAddress } from './constructs/task-address.ts';
import { isWithin } from './hosted-zone.ts';
import { isLeftOut } from './leave-out.ts';
import type { ListenersStack } from './listeners-stack.ts';
import type { RoutingStack } from './routing-stack.ts';
import type { PostaSettings } from './settings.ts';
import type { StorageStack } from './storage-stack.ts';

export interface DnsStackProps extends StackProps {
  readonly settings: PostaSettings;
  readonly storage: StorageStack;
  readonly routing: RoutingStack;
  readonly listeners: ListenersStack;
}

const dkimAttribute = 'AWS::SES::EmailIdentity.DkimDNSTokenName1';

export class DnsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settings, storage, routing, listeners, ...props }: DnsStackProps,
  ) {
    const { stage, domain, moreDomains } = settings;
    super(scope, id, { ...props, description: `Posta ${stage}: what the DNS says of its domains` });
    const zone = this.#zone(settings);
    this.#hostname(settings, { zone, listeners });
    if (settings.certificate !== 'secret')
      new Certify(this, 'Certify', { settings, certificate: storage.certificate });
    for (const each of [domain, ...moreDomains]) {
      const groups = recordsOf({
        domain: each,
        hostname: settings.hostname,
        sends: settings.nextHop,
        ses: this.#ses(each, routing.identities.get(each)),
        mtaSts: mtaStsOf(settings.mtaSts, settings.hostname),
        reportAddress: settings.reportMail ?? `postmaster@${each}`,
      });
      for (const [group, records] of Object.entries(groups) as [string, readonly DnsRecord[]][])
        if (zone !== undefined && settings.dns === 'kept' && isWithin(each, settings.hostedZoneName))
          this.#keep(each, records, zone);
        else this.#tell(stage, { domain: each, group, records });
    }
  }

  #zone({ hostedZoneId, hostedZoneName: zoneName }: PostaSettings): IHostedZone | undefined {
    if (hostedZoneId === undefined) return undefined;
    return HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName });
  }

  /** The server's own name leads to the load balancer, or to the task where there is none. */
  #hostname(
    { stage, hostname, dns, hostedZoneName }: PostaSettings,
    { zone, listeners }: { readonly zone: IHostedZone | undefined; readonly listeners: ListenersStack },
  ): void {
    const { balancer, cluster, services } = listeners;
    const [service] = services;
    const kept = zone !== undefined && isWithin(hostname, hostedZoneName);
    if (balancer === undefined && service !== undefined && kept)
      new TaskAddress(this, 'Address', { stage, hostname, zone, cluster, service });
    else if (balancer !== undefined && kept && dns === 'kept')
      new ARecord(this, 'Hostname', {
        zone,
        recordName: `${hostname}.`,
        target: RecordTarget.fromAlias(new LoadBalancerTarget(balancer)),
        comment: 'Posta: the mail server',
      });
    else if (balancer !== undefined)
      new CfnOutput(this, 'ServerRecord', {
        value: `${hostname}. 3600 IN CNAME ${balancer.loadBalancerDnsName}.`,
        description: 'The name of the mail server leads to the load balancer',
      });
  }

  #ses(domain: string, identity: EmailIdentity | undefined): SesDns | undefined {
    if (identity === undefined) return undefined;
    const dkim = isLeftOut(this, dkimAttribute) ? [] : identity.dkimRecords;
    return { region: this.region, dkim, mailFrom: `bounce.${domain}` };
  }

  #keep(domain: string, records: readonly DnsRecord[], zone: IHostedZone): void {
    for (const [at, { name, type, ttl, values, purpose }] of records.entries()) {
      // The names of DKIM's records are known only when SES has made them.
      const called = Token.isUnresolved(name) ? `${domain} key ${at}` : name;
      new CfnRecordSet(this, `${type} ${called}`, {
        hostedZoneId: zone.hostedZoneId,
        name: `${name}.`,
        type,
        ttl: String(ttl),
        resourceRecords: values.map((value) => presentValue(type, value)),
        comment: `Posta: ${purpose}`,
      });
    }
  }

  /** As outputs of the deployment, and in Parameter Store, where they are found later. */
  #tell(
    stage: string,
    of: { readonly domain: string; readonly group: string; readonly records: readonly DnsRecord[] },
  ): void {
    const { domain, group, records } = of;
    const value = zoneFileLines(records).join('\n');
    const description = `Lines for the zone file of ${domain}: ${group}`;
    new CfnOutput(this, `Records ${domain} ${group}`, { value, description });
    new StringParameter(this, `${domain} ${group}`, {
      parameterName: `/${stage}/dns/${domain}/${group}`,
      stringValue: value,
      description,
    });
  }
}
