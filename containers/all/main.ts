/** One container for all protocols: each on its port, and all behind one, where the PROXY header says which is meant. */
import { runContainer } from '../../bin/container.ts';
import { standardPorts } from '../standard-ports.ts';

await runContainer({
  service: 'mail',
  ports: Object.values(standardPorts),
  onePort: true,
  environment: process.env,
});
