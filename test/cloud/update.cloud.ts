/** An update deployed over what runs, as ECS rolls it out, while clients are connected and mail is flowing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { createTransport } from 'nodemailer';
import { mustCdk } from './cdk.ts';
import { containerOf } from './deployed.ts';
import { MailService, serviceNames, stage } from './mail-service.ts';

/** Not too many: a function that is updated in the middle of a job is killed by the emulator, and its queue waits. */
const betweenMs = 700;
/** As long as the longest of the queues waits for that. */
const deliveredMs = 420_000;
const updated = { name: 'POSTA_RETENTION_DAYS', value: '31' };

/** Mail from another server, one after the other, each tried until it is taken; disposing ends it. */
function startFlow(service: MailService) {
  const taken: string[] = [];
  let refusals = 0;
  const ended = new AbortController();
  const flow = (async () => {
    for (let number = 0; !ended.signal.aborted; number++) {
      const subject = `message ${number}`;
      for (let sent = false; !sent;) {
        const transport = createTransport({
          host: '127.0.0.1',
          port: service.port(25),
          tls: { rejectUnauthorized: false },
        });
        const message = { from: 'someone@elsewhere.test', to: 'mary@example.org', subject, text: subject };
        sent = await transport.sendMail(message).then(
          () => true,
          () => false,
        );
        if (!sent) refusals += 1;
        if (!sent) await pause(50);
      }
      taken.push(subject);
      await pause(betweenMs);
    }
  })();
  return {
    taken,
    refusals: () => refusals,
    async end() {
      ended.abort();
      await flow;
    },
  };
}

/** A session that waits in IDLE; what the server says to it. */
async function idling(service: MailService) {
  const socket = connect({ host: '127.0.0.1', port: service.port(993), rejectUnauthorized: false });
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => (said += text));
  const until = async (what: string) => {
    for (let waited = 0; !said.includes(what); waited += 20) {
      assert.ok(waited < 20_000, `${what} was not said: ${said}`);
      await pause(20);
    }
  };
  await until('* OK');
  socket.write(`a login mary@example.org "${service.passwords.get('mary')}"\r\n`);
  await until('a OK');
  socket.write('b select INBOX\r\n');
  await until('b OK');
  socket.write('c idle\r\n');
  await until('+ ');
  const closed = once(socket, 'close');
  return { said: () => said, closed };
}

test('nothing is lost, nothing comes twice, and sessions are told BYE', async () => {
  await using service = await MailService.start({ accounts: ['mary'], portBase: 22_000 });
  const sessions = await Promise.all([idling(service), idling(service)]);
  const flow = startFlow(service);
  const deploying = mustCdk(...['deploy', '--all', '--require-approval', 'never', '-c', 'retentionDays=31']);
  await deploying;
  const lambda = new LambdaClient();
  const deployed = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: `${stage}-route` }));
  lambda.destroy();
  assert.equal(deployed.Environment?.Variables?.[updated.name], updated.value);
  // As ECS does it: a new task comes up before an old one is told to end.
  for (const name of serviceNames) {
    assert.equal((await containerOf(`${stage}-${name}`)).environment[updated.name], updated.value);
    for (const old of service.tasks[name].slice()) {
      await service.startTask(name);
      const ending = old.stop();
      await pause(500);
      service.tasks[name].shift();
      assert.equal(await ending, 0, old.output());
    }
  }
  for (const { said, closed } of sessions) {
    await closed;
    assert.match(said(), /\* BYE /);
  }
  await flow.end();
  assert.ok(flow.taken.length > 20, `${flow.taken.length} messages`);
  // Another server finds a task that takes it, or is told to come back; either way it loses nothing.
  const client = await service.imap('mary');
  const subjects = async () => {
    await client.mailboxOpen('INBOX');
    const found: string[] = [];
    for await (const { envelope } of client.fetch('1:*', { envelope: true }))
      found.push(envelope?.subject ?? '');
    return found;
  };
  for (let waited = 0; (await subjects()).length < flow.taken.length; waited += 500) {
    assert.ok(waited < deliveredMs, 'not all of it was delivered');
    await pause(500);
  }
  assert.deepEqual((await subjects()).toSorted(byNumber), flow.taken);
  await client.logout();
});

function byNumber(one: string, other: string): number {
  return Number(one.split(' ')[1]) - Number(other.split(' ')[1]);
}
