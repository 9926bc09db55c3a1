/** A child on the bus: tells its parent what it hears, and publishes what the parent tells; or publishes and ends. */
import { openBus } from '../../../drivers/embedded/bus.ts';
import { createWake } from '../../../drivers/embedded/wake.ts';
import type { WakeUp } from '../../../mail/ports/wake.ts';
import { recordingLog } from '../../contracts/recording-log.ts';

const [, , directory = '', name = ''] = process.argv;
const bus = await openBus({ directory, log: recordingLog() });
const wake = createWake(bus);

if (name === 'publish and end') {
  process.disconnect();
  const wakeUps = Array.from({ length: 100 }, (_, rev): WakeUp => ({
    kind: 'mail',
    account: 'account',
    rev,
  }));
  await wake.publish(wakeUps);
  await bus.close();
} else {
  await wake.subscribe((wakeUp) => void process.send?.(wakeUp));
  process.on('message', (message) => void wake.publish([message as WakeUp]));
  process.send?.('ready');
}
