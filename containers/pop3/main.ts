/** The container that takes POP3. */
import { runContainer } from '../../bin/container.ts';
import { standardPorts } from '../standard-ports.ts';

const { pop3, pop3s } = standardPorts;
await runContainer({ service: 'pop3', ports: [pop3, pop3s], environment: process.env });
