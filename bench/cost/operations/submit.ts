/** A message to outside: submitted with a password, routed, and handed to Amazon SES. */
import { typicalMessage } from '../../../test/drivers/aws/table/typical-messages.ts';
import type { Bed } from '../bed.ts';
import type { Measured } from '../measured.ts';

export async function submitOperation(bed: Bed): Promise<Measured> {
  const account = await bed.addAccount('writer');
  const submit = async (number: number) => {
    const client = await bed.listener.connect(465);
    await client.expect('250', 'EHLO client.example.net');
    const plain = Buffer.from(`\0${account.address}\0${bed.password}`).toString('base64');
    await client.expect('235', `AUTH PLAIN ${plain}`);
    const envelope = [`MAIL FROM:<${account.address}>`, 'RCPT TO:<someone@outside.test>', 'DATA'];
    await client.expect('354', envelope.join('\r\n'));
    const message = Buffer.from(typicalMessage(number)).toString('latin1');
    const own = `From: <${account.address}>\r\n${message.replace(/^From:.*(?:\r\n[ \t].*)*\r\n/im, '')}`;
    await client.say(Buffer.from(own, 'latin1'));
    await client.expect('250', '.');
    await client.expect('221', 'QUIT');
    await client.close();
    await bed.functions.runMail();
    await bed.functions.runRelay();
  };
  await submit(1);
  return {
    id: 'submit',
    name: 'submit 1 message of 50 KB to outside, by SES',
    usage: await bed.meter.during(() => submit(2)),
  };
}
