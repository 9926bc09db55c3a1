import { readFileSync, writeFileSync } from 'node:fs';
import { Dialog } from './dialog.ts';
const T = JSON.parse(readFileSync('/tmp/smtpgen/t.json', 'utf8'));
for (const [name, { title, on, groups }] of Object.entries<any>(T)) {
  const words = on.split(' ');
  const d = new Dialog({ role: words[0], tlsAvailable: !words.includes('no-tls') });
  const out = [`# ${title}`, `# On: ${words.join(' ')}`];
  const S = (text: string) => {
    for (const l of text.split('\r\n').slice(0, -1)) out.push(`S: ${l}`);
  };
  S(await d.start(words.includes('tls')));
  for (const g of groups) {
    for (const l of g) out.push(l === '' ? 'C:' : `C: ${l}`);
    S(await d.send(g.map((l: string) => l + '\r\n').join('')));
  }
  if (d.output.ended) out.push('# The server ends the connection.');
  writeFileSync(`test/transcripts/smtp/${name}.txt`, out.join('\n') + '\n');
}
