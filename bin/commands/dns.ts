/** `posta dns`: the records that a domain's DNS should have, ready to paste. */
import type { Command } from 'commander';
import { zoneFileLines } from '../../mail/dns-records/dns-record.ts';
import { allRecordsOf, type DomainDns } from '../../mail/dns-records/records-of.ts';
import { CommandFailure } from '../failure.ts';
import { asLastStarted } from '../last-start.ts';
import { addServeOptions, readServeOptions, stackOption } from '../options.ts';
import { print, printJson } from '../output.ts';

export function defineDns(command: Command): void {
  command.argument('<domain>', 'one that the server has');
  addServeOptions(command);
  command
    .addOption(stackOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
On one machine the records are for what posta serve was last started with; options say otherwise.

Examples:
  posta dns example.org --hostname mail.example.org --mx
  posta dns example.org --stack posta`,
    )
    .action((domain: string) => printRecords(domain, command));
}

async function printRecords(domain: string, command: Command): Promise<void> {
  const { stack, json } = command.opts<{ readonly stack?: string; readonly json?: boolean }>();
  const all = await domainsOf(stack, command);
  const dns = all.find((each) => each.domain === domain.toLowerCase());
  if (dns === undefined)
    throw new CommandFailure(`there is no domain ${domain}. posta domain list shows those there are`);
  const records = allRecordsOf(dns);
  if (json === true) return printJson(records);
  for (const record of records) {
    print(`; ${record.purpose}`);
    for (const line of zoneFileLines([record])) print(line);
  }
  print(`; besides: an address (A, AAAA) for ${dns.hostname}, the server itself`);
}

async function domainsOf(stack: string | undefined, command: Command): Promise<readonly DomainDns[]> {
  if (stack === undefined) {
    const { thisMachine } = await import('../doctor/this-machine.ts');
    return (await thisMachine(asLastStarted(command, readServeOptions(command)))).domains;
  }
  const { deployment } = await import('../doctor/deployment.ts');
  return (await deployment(stack)).domains;
}
