/** The container that takes SMTP from other servers and from our own users, and the pages by HTTPS. */
import { runContainer } from '../../bin/container.ts';
import { standardPorts } from '../standard-ports.ts';

const { smtp, submission, submissions, https } = standardPorts;
await runContainer({
  service: 'smtp',
  ports: [smtp, submission, submissions, https],
  environment: process.env,
});
