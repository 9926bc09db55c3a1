/** The container that takes IMAP. */
import { runContainer } from '../../bin/container.ts';
import { standardPorts } from '../standard-ports.ts';

const { imap, imaps } = standardPorts;
await runContainer({ service: 'imap', ports: [imap, imaps], environment: process.env });
