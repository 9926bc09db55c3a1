/** `posta doctor`: looks whether everything that mail needs is as it should be, and says what to do where it is not. */
import type { Command } from 'commander';
import { systemDnsLookup } from '../../drivers/system/dns-lookup.ts';
import { systemServerLook } from '../../drivers/system/server-look.ts';
import type { Finding } from '../../mail/doctor/finding.ts';
import { examine } from '../doctor/examine.ts';
import type { Subject } from '../doctor/subject.ts';
import { asLastStarted } from '../last-start.ts';
import { addServeOptions, readServeOptions, stackOption } from '../options.ts';
import { print, printJson } from '../output.ts';
import { whileWaiting } from '../while-waiting.ts';

export function defineDoctor(command: Command): void {
  addServeOptions(command);
  command
    .addOption(stackOption())
    .option('--offline', 'connect to no other server: neither port 25 of one, nor the smart host')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
On one machine it takes the server for what posta serve was last started with; options say otherwise. It exits 1 when there
is a problem.

Examples:
  posta doctor
  posta doctor --stack posta`,
    )
    .action(() => doctor(command));
}

interface DoctorOptions {
  readonly stack?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

/** A domain that is always there. */
const elsewhere = 'gmail.com';

async function doctor(command: Command): Promise<void> {
  const { stack, offline = false, json } = command.opts<DoctorOptions>();
  const options = readServeOptions(command);
  const subject = await subjectOf(stack, command);
  const { dnsServer: servers } = options;
  const findings = await whileWaiting('looking at DNS and ports', () =>
    examine(subject, {
      dns: systemDnsLookup(servers === undefined ? {} : { servers }),
      server: systemServerLook(),
      nowMs: Date.now(),
      elsewhere: offline ? undefined : elsewhere,
    }),
  );
  if (json === true) printJson(findings);
  else printFindings(findings);
  if (findings.some(({ state }) => state === 'problem')) process.exitCode = 1;
}

async function subjectOf(stack: string | undefined, command: Command): Promise<Subject> {
  if (stack === undefined) {
    const { thisMachine } = await import('../doctor/this-machine.ts');
    return thisMachine(asLastStarted(command, readServeOptions(command)));
  }
  const { deployment } = await import('../doctor/deployment.ts');
  return deployment(stack);
}

function printFindings(findings: readonly Finding[]): void {
  for (const [area, group] of Map.groupBy(findings, (finding) => finding.area)) {
    print(`\n${area}`);
    for (const { state, what, found, todo } of group) {
      print(`  ${state.padEnd(8)}  ${what}: ${found}`);
      if (todo !== undefined) for (const line of todo.split('\n')) print(`            ${line}`);
    }
  }
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  print(`\n${count('problem')} problems, ${count('warning')} warnings, ${count('ok')} as they should be`);
}
