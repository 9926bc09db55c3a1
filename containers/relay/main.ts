/** The container that hands messages to the recipients' own servers, by MX on port 25, which no Lambda may use. */
import { runRelayContainer } from '../../bin/relay-container.ts';

await runRelayContainer({ service: 'relay', environment: process.env });
