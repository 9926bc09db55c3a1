import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebRequest } from '../../../mail/web/exchange.ts';
import { webSite } from '../../../mail/web/site.ts';

const site = webSite({
  isOurs: async (name) => name === 'example.org',
  settings: { hostname: 'mx.example.org', ports: { imaps: 993, pop3s: 995, submissions: 465 } },
  mtaSts: { mode: 'enforce', mx: ['mx.example.org'], maxAgeSeconds: 604_800 },
});

function ask(path: string, request: Partial<WebRequest> = {}) {
  return site({ method: 'GET', host: '', path, query: new URLSearchParams(), body: '', ...request });
}

const emailAddress = (value: string) => new URLSearchParams({ emailaddress: value });

test('Thunderbird finds the settings by address, or by the name that it asks', async () => {
  const byAddress = await ask('/mail/config-v1.1.xml', {
    host: 'autoconfig.example.org',
    query: emailAddress('ann@example.org'),
  });
  assert.equal(byAddress.status, 200);
  assert.equal(byAddress.headers['content-type'], 'text/xml; charset=utf-8');
  assert.match(
    byAddress.body,
    /<incomingServer type="imap">\s*<hostname>mx\.example\.org<\/hostname>\s*<port>993</,
  );
  assert.match(
    byAddress.body,
    /<outgoingServer type="smtp">\s*<hostname>mx\.example\.org<\/hostname>\s*<port>465</,
  );
  const byName = await ask('/.well-known/autoconfig/mail/config-v1.1.xml', { host: 'example.org' });
  assert.equal(byName.body, byAddress.body);
});

test('a domain that is not ours has no settings and no policy', async () => {
  const query = emailAddress('ann@example.net');
  assert.equal((await ask('/mail/config-v1.1.xml', { host: 'autoconfig.example.org', query })).status, 404);
  assert.equal((await ask('/mail/config-v1.1.xml', { host: 'autoconfig.example.net' })).status, 404);
  assert.equal((await ask('/.well-known/mta-sts.txt', { host: 'mta-sts.example.net' })).status, 404);
  assert.equal((await ask('/.well-known/mta-sts.txt', { host: 'example.org' })).status, 404);
});

const outlookRequest = (address: string) => `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>${address}</EMailAddress>
    <AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>
  </Request>
</Autodiscover>`;

test('Outlook finds IMAP, POP3 and SMTP, however it writes the path', async () => {
  for (const path of ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml']) {
    const { status, body } = await ask(path, { method: 'POST', body: outlookRequest('ann@example.org') });
    assert.equal(status, 200);
    assert.deepEqual(
      [...body.matchAll(/<Type>(\w+)<\/Type>\s*<Server>mx\.example\.org<\/Server>\s*<Port>(\d+)</g)].map(
        ([, type, port]) => `${type} ${port}`,
      ),
      ['IMAP 993', 'POP3 995', 'SMTP 465'],
    );
    assert.match(body, /<LoginName>ann@example\.org<\/LoginName>/);
  }
});

test('what an address holds of XML is text in the answer', async () => {
  const body = outlookRequest('a&amp;b@example.org');
  const answer = await ask('/autodiscover/autodiscover.xml', { method: 'POST', body });
  assert.match(answer.body, /<LoginName>a&amp;b@example\.org<\/LoginName>/);
});

test('Outlook is told why there are no settings', async () => {
  const post = (body: string) => ask('/autodiscover/autodiscover.xml', { method: 'POST', body });
  assert.match((await post('what is this?')).body, /<ErrorCode>600</);
  assert.match((await post(outlookRequest('ann@example.net'))).body, /<ErrorCode>500</);
  const mobile = outlookRequest('ann@example.org').replace(
    'outlook/responseschema/2006a',
    'mobilesync/responseschema/2006',
  );
  assert.match((await post(mobile)).body, /<ErrorCode>600</);
});

test('the policy of MTA-STS is as RFC 8461 section 3.2 writes it', async () => {
  const { headers, body } = await ask('/.well-known/mta-sts.txt', { host: 'mta-sts.example.org' });
  assert.equal(headers['content-type'], 'text/plain; charset=us-ascii');
  assert.equal(body, 'version: STSv1\r\nmode: enforce\r\nmx: mx.example.org\r\nmax_age: 604800\r\n');
});

test('other paths and methods are refused', async () => {
  assert.equal((await ask('/')).status, 404);
  const posted = await ask('/.well-known/mta-sts.txt', { method: 'POST', host: 'mta-sts.example.org' });
  assert.equal(posted.status, 405);
  assert.equal(posted.headers['allow'], 'GET');
});
