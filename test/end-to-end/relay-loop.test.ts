/** Forwards between two servers: the original sender is kept, and mail that goes round is cut, with one notification. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { addAlias } from '../../mail/directory/change-alias.ts';
import { setDomain } from '../../mail/directory/change-domain.ts';
import { messagesOf, settled, takeMessage, takeMessages, traceBefore } from './maildrop.ts';
import { wholeOutbound } from './outbound.ts';
import { paco, pepe, submit, TwoPostas } from './two-postas.ts';

const letter = (text: string) => `From: ${pepe.user}\r\nSubject: ${text}\r\n\r\nHello\r\n`;

let postas: TwoPostas;
before(async () => {
  postas = await TwoPostas.start();
  const alias = (at: TwoPostas['gmail'], address: string, ...targets: string[]) =>
    at.change((ports) => addAlias(ports, { address, targets, allowMissing: true }));
  const { gmail, hotmail } = postas;
  await alias(hotmail, 'home@hotmail.test', pepe.user);
  await alias(gmail, 'friends@gmail.test', paco.user, pepe.user, 'nobody@hotmail.test');
  await alias(gmail, 'round@gmail.test', 'round@hotmail.test');
  await alias(hotmail, 'round@hotmail.test', 'round@gmail.test');
  await alias(gmail, 'spiral@gmail.test', 'spiral@hotmail.test', pepe.user);
  await alias(hotmail, 'spiral@hotmail.test', 'spiral@gmail.test', paco.user);
});
after(() => postas[Symbol.asyncDispose]());

/** Waits until nothing is on its way at either server any more. */
async function allSettled(): Promise<void> {
  const both = [postas.gmail, postas.hotmail];
  const deadline = Date.now() + 30_000;
  for (let quiet = 0; quiet < 3;) {
    for (const posta of both) await settled(posta);
    const entries = (await Promise.all(both.map((posta) => wholeOutbound(posta)))).flat();
    const busy = entries.filter(({ endedAtMs, owes }) => endedAtMs === undefined || owes !== undefined);
    quiet = busy.length === 0 ? quiet + 1 : 0;
    assert.ok(Date.now() < deadline, JSON.stringify(busy));
    await sleep(50);
  }
}

suite('a forward to another server', () => {
  test('keeps the sender, says by which address it came, and comes back here', async () => {
    const message = letter('home');
    await submit(postas.gmail, pepe, { to: ['home@hotmail.test'], message });
    const trace = traceBefore(await takeMessage(postas.gmail, pepe), message);
    assert.equal(trace[0], `Return-Path: <${pepe.user}>`);
    assert.ok(trace.includes('Delivered-To: home@hotmail.test'), trace.join('\n'));
  });

  test('among several targets reaches each, and what it cannot reach is told to the sender', async () => {
    const message = letter('friends');
    await submit(postas.hotmail, paco, {
      to: ['friends@gmail.test'],
      message: message.replace(pepe.user, paco.user),
    });
    await allSettled();
    await takeMessage(postas.gmail, pepe);
    const [one, two] = (await takeMessages(postas.hotmail, paco, 2)).map(String);
    const notification = [one, two].find((each) => each?.startsWith('Return-Path: <>')) ?? '';
    assert.match(
      notification,
      /Original-Recipient: rfc822; friends@gmail\.test\r\nFinal-Recipient: rfc822; nobody@hotmail\.test\r\nAction: failed/,
    );
  });

  test('of a catch-all takes what has no mailbox here', async () => {
    await postas.hotmail.change((ports) => setDomain(ports, 'hotmail.test', { catchAll: pepe.user }));
    const message = letter('caught');
    await submit(postas.gmail, pepe, { to: ['anybody@hotmail.test'], message });
    traceBefore(await takeMessage(postas.gmail, pepe), message);
    await postas.hotmail.change((ports) => setDomain(ports, 'hotmail.test', { catchAll: null }));
  });
});

suite('a loop between two servers', () => {
  test('is cut, and its sender hears of it once', async () => {
    await submit(postas.gmail, pepe, { to: ['round@gmail.test'], message: letter('round') });
    await allSettled();
    const notification = (await takeMessage(postas.gmail, pepe)).toString();
    assert.match(notification, /Action: failed\r\nStatus: 5\.4\.6\r\n/);
    await messagesOf(postas.hotmail, paco, 0);
  });

  test('that leads through mailboxes ends after one round, and its sender hears of it once', async () => {
    await submit(postas.gmail, pepe, { to: ['spiral@gmail.test'], message: letter('spiral') });
    await allSettled();
    const [atHotmail] = await takeMessages(postas.hotmail, paco, 1);
    assert.match(atHotmail?.toString() ?? '', /Subject: spiral/);
    // His own copy, and the one that has come round: nobody else can say that he has it already.
    const atGmail = (await takeMessages(postas.gmail, pepe, 3)).map(String);
    assert.equal(atGmail.filter((each) => each.startsWith('Return-Path: <>')).length, 1);
  });

  test('of two catch-alls that lead to each other is cut, and its sender hears of it once', async () => {
    // Two catch-alls that lead to each other: the worst that two admins can do.
    const { gmail, hotmail } = postas;
    await gmail.change((ports) => setDomain(ports, 'gmail.test', { catchAll: 'lost@hotmail.test' }));
    await hotmail.change((ports) => setDomain(ports, 'hotmail.test', { catchAll: 'lost@gmail.test' }));
    await submit(gmail, pepe, { to: ['nobody@hotmail.test'], message: letter('caught in circles') });
    await allSettled();
    const told = (await takeMessages(gmail, pepe, 1)).map(String);
    assert.match(told[0] ?? '', /Action: failed\r\nStatus: 5\.4\.6\r\n/);
    await messagesOf(hotmail, paco, 0);
  });
});
