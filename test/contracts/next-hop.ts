/** The contract of NextHop: every one of them passes it whole. Behind it stands one honest server, or none. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { NextHop, Transmission } from '../../mail/ports/next-hop.ts';
import { FakeHost } from '../mail/smtp/fake-host.ts';

export interface NextHopUnderTest extends AsyncDisposable {
  readonly hop: NextHop;
  /** Of recipients whose mail it takes; `FakeHost` says which there are. */
  readonly domain: string;
  /** Who may be a sender. */
  readonly sender: string;
  /** What the server has taken. */
  readonly host: FakeHost;
  /** The server goes away. */
  remove(): Promise<void>;
}

function message(
  { domain, sender }: NextHopUnderTest,
  set: Partial<Transmission> & { readonly to?: readonly string[]; readonly text?: string } = {},
): Transmission {
  const { to = ['paco'], text = `From: ${sender}\r\n\r\n.\r\n..\r\nhello\r\n`, ...rest } = set;
  return {
    messageId: 'm1',
    reversePath: sender,
    recipients: to.map((name) => ({ address: `${name}@${domain}` })),
    sizeBytes: Buffer.byteLength(text),
    body: '8BITMIME',
    smtpUtf8: false,
    async *read() {
      yield Buffer.from(text);
    },
    ...rest,
  };
}

/** What a next hop may leave out: those that are no SMTP servers. */
export type NextHopFeature = 'recipients apart' | 'null sender' | 'DSN' | 'replies of SMTP' | 'an address';

/** Registers the suite for one of them. `unsupported`: each with the reason. */
export function nextHopContract(
  driver: string,
  open: () => Promise<NextHopUnderTest>,
  unsupported: Readonly<Partial<Record<NextHopFeature, string>>> = {},
): void {
  const check = (what: string, body: (under: NextHopUnderTest) => Promise<void>, needs?: NextHopFeature) => {
    const skip = (needs && unsupported[needs]) ?? false;
    test(what, { timeout: 60_000, skip }, async () => {
      await using under = await open();
      await body(under);
    });
  };
  suite(`NextHop: ${driver}`, () => {
    check(
      'a message arrives octet for octet, for those whom the server takes',
      async (under) => {
        const { hop, host, domain, sender } = under;
        const transmission = message(under, { to: ['paco', 'nobody', 'ann', 'later'] });
        const { outcomes, unavailable } = await hop.transmit(transmission, { domain });
        assert.equal(unavailable, false);
        assert.deepEqual(
          outcomes.map(({ kind, said }) => `${kind} ${said.status}`),
          ['sent 2.0.0', 'failed 5.1.1', 'sent 2.0.0', 'deferred 4.3.0'],
        );
        for (const { said } of outcomes) {
          assert.match(said.reply ?? '', /^[245]\d\d /);
          assert.match(said.remote ?? '', /\[.+\]/);
          assert.notEqual(said.text, '');
        }
        const [received] = host.received;
        assert.ok(received && host.received.length === 1);
        assert.deepEqual(FakeHost.envelopeOf(received), {
          from: sender,
          to: [`paco@${domain}`, `ann@${domain}`],
        });
        assert.equal(received.bytes.toString(), `From: ${sender}\r\n\r\n.\r\n..\r\nhello\r\n`);
      },
      'recipients apart',
    );

    check(
      'a null sender stays null',
      async (under) => {
        const { hop, host, domain } = under;
        const { outcomes } = await hop.transmit(message(under, { reversePath: null }), { domain });
        assert.equal(outcomes[0]?.kind, 'sent');
        assert.equal(host.received[0]?.envelope.reversePath, null);
      },
      'null sender',
    );

    check(
      'what the first sender wants to hear goes on, and the duty to tell with it',
      async (under) => {
        const { hop, host, domain } = under;
        const recipients = [
          {
            address: `paco@${domain}`,
            notify: ['SUCCESS', 'DELAY'],
            orcpt: { addressType: 'rfc822', address: 'alias@example.org' },
          },
        ] as const;
        const transmission = message(under, { recipients, ret: 'HDRS', envid: 'QQ314159' });
        const { outcomes } = await hop.transmit(transmission, { domain });
        assert.ok(outcomes[0]?.kind === 'sent' && outcomes[0].dsn);
        const envelope = host.received[0]?.envelope;
        assert.deepEqual([envelope?.ret, envelope?.envid], ['HDRS', 'QQ314159']);
        const { notify, orcpt } = recipients[0];
        assert.deepEqual(envelope?.recipients[0]?.notify, notify);
        assert.deepEqual(envelope?.recipients[0]?.orcpt, orcpt);
      },
      'DSN',
    );

    check('a hundred recipients are a hundred outcomes', async (under) => {
      const { hop, host, domain } = under;
      const to = Array.from({ length: 100 }, (_, at) => `user${at}`);
      const { outcomes } = await hop.transmit(message(under, { to }), { domain });
      assert.equal(outcomes.filter(({ kind }) => kind === 'sent').length, 100);
      assert.deepEqual(
        host.received.flatMap((received) => FakeHost.envelopeOf(received).to),
        to.map((name) => `${name}@${domain}`),
      );
    });

    check('messages go one after the other, and many at once', async (under) => {
      const { hop, host, domain } = under;
      const send = async (at: number) => {
        const { outcomes } = await hop.transmit(
          message(under, { text: `From: ${under.sender}\r\n\r\n${at}\r\n` }),
          { domain },
        );
        assert.equal(outcomes[0]?.kind, 'sent', JSON.stringify(outcomes));
      };
      for (let at = 0; at < 5; at++) await send(at);
      await Promise.all(Array.from({ length: 40 }, (_, at) => send(5 + at)));
      const numbers = host.received.map(({ bytes }) => Number(bytes.toString().split('\r\n')[2]));
      assert.deepEqual(
        numbers.toSorted((one, other) => one - other),
        Array.from({ length: 45 }, (_, at) => at),
      );
    });

    check(
      'what the server refuses at the end is refused for all whom it took',
      async (under) => {
        const { hop, host, domain } = under;
        host.refuseAt = { finish: { kind: 'policy', detail: 'no' } };
        const { outcomes, unavailable } = await hop.transmit(message(under, { to: ['paco', 'ann'] }), {
          domain,
        });
        assert.equal(unavailable, false);
        assert.deepEqual(
          outcomes.map(({ kind, said }) => `${kind} ${said.status}`),
          ['failed 5.7.1', 'failed 5.7.1'],
        );
      },
      'replies of SMTP',
    );

    check(
      'a message that cannot be read is a fault, nothing is sent, and the next one goes',
      async (under) => {
        const { hop, host, domain } = under;
        const broken = message(under, {
          async *read() {
            yield Buffer.from('Subject: half\r\n');
            throw new Error('the disk is broken');
          },
        });
        await assert.rejects(hop.transmit(broken, { domain }), /the disk is broken/);
        assert.equal(host.received.length, 0);
        assert.equal((await hop.transmit(message(under), { domain })).outcomes[0]?.kind, 'sent');
        assert.equal(host.received.length, 1);
      },
    );

    check(
      'where the server is away, everybody is put off, and so may others be',
      async (under) => {
        const { hop, domain } = under;
        await under.remove();
        const { outcomes, unavailable } = await hop.transmit(message(under, { to: ['paco', 'ann'] }), {
          domain,
        });
        assert.equal(unavailable, true);
        for (const { kind, said } of outcomes) {
          assert.equal(kind, 'deferred');
          assert.match(said.status, /^4\.4\.\d+$/);
          assert.equal(said.reply, undefined);
          assert.match(said.remote ?? '', /\[.+\]/);
        }
        assert.equal(outcomes.length, 2);
      },
      'an address',
    );

    check('a server that goes away while a session waits is tried anew', async (under) => {
      const { hop, host, domain } = under;
      assert.equal((await hop.transmit(message(under), { domain })).outcomes[0]?.kind, 'sent');
      await under.remove();
      const { outcomes, unavailable } = await hop.transmit(message(under), { domain });
      // The session may have lived on: then the server has it.
      assert.equal(outcomes[0]?.kind, unavailable ? 'deferred' : 'sent');
      assert.equal(host.received.length, unavailable ? 1 : 2);
    });
  });
}
