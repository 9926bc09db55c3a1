/** How a child script opens the store that its parent named. */
import type { OpenPort, Opened } from './contract.ts';

/** The port, and the parameters that follow on the command line. */
export async function openedByChild<Port>(): Promise<{
  readonly opened: Opened<Port>;
  readonly parameters: readonly string[];
}> {
  const [module = '', argument = '', ...parameters] = process.argv.slice(2);
  const { openPort } = (await import(module)) as { readonly openPort: OpenPort<Port> };
  return { opened: await openPort(argument), parameters };
}
