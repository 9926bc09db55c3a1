/** The next hop on SES under its contract, as far as SES is a mail server; its API is answered here by an honest one. */
import { HttpResponse } from '@smithy/core/protocols';
import { SESClient } from '@aws-sdk/client-ses';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { sesNextHop } from '../../../../drivers/aws/ses/next-hop.ts';
import { parseAddress, type EmailAddress } from '../../../../mail/message/address.ts';
import { nextHopContract } from '../../../contracts/next-hop.ts';
import { FakeHost } from '../../../mail/smtp/fake-host.ts';
import { otherServer } from '../../../mail/delivery/way-kit.ts';

/** Hands what a SendRawEmail holds to a mail server. */
async function send(host: FakeHost, form: URLSearchParams): Promise<string> {
  const recipients = [...form].filter(([name]) => name.startsWith('Destinations.member.'));
  const begun = await host.begin(
    {
      reversePath: addressOf(form.get('Source') ?? ''),
      recipients: recipients.map(([, address]) => ({ address: addressOf(address) })),
      body: '8BITMIME',
      smtpUtf8: false,
    },
    otherServer,
  );
  if (begun.kind !== 'ok') throw new Error(begun.kind);
  await begun.incoming.write(Buffer.from(form.get('RawMessage.Data') ?? '', 'base64'));
  await begun.incoming.finish();
  return `ses-${host.received.length}`;
}

function addressOf(text: string): EmailAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

nextHopContract(
  'Amazon SES',
  async () => {
    const host = new FakeHost();
    let away = false;
    const requestHandler = {
      handle: async ({ body }: { readonly body: Uint8Array | string }) => {
        if (away) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
        const id = await send(host, new URLSearchParams(text));
        const answer = `<SendRawEmailResponse><SendRawEmailResult><MessageId>${id}</MessageId></SendRawEmailResult></SendRawEmailResponse>`;
        const headers = { 'content-type': 'text/xml' };
        return { response: new HttpResponse({ statusCode: 200, headers, body: Buffer.from(answer) }) };
      },
    };
    const config = {
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler,
    };
    const hop = sesNextHop({
      ses: new SESClient(config),
      sesv2: new SESv2Client(config),
      sentAs: () => Promise.resolve(),
    });
    return {
      hop,
      domain: 'example.test',
      sender: 'pepe@example.test',
      host,
      remove: async () => {
        away = true;
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
  {
    'recipients apart': 'one call counts for all its recipients, and who is unknown comes back as a bounce',
    'null sender': 'SES takes none: such mail is held',
    DSN: 'SES knows no NOTIFY: its sender is told that it was relayed',
    'replies of SMTP': 'SES refuses in its own words, which next-hop.test.ts goes through',
    'an address': 'SES is a name: there is no one server to name',
  },
);
