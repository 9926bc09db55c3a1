/** The deployed admin function, invoked as the console's forms do. */
import { invoke, outputsOf } from './deployed.ts';

/** The command's result; a refusal or a fault is an error. */
export async function askAdmin(command: string, input: object): Promise<Record<string, unknown>> {
  const { AdminFunction = '' } = await outputsOf('posta-routing');
  const result = await invoke(AdminFunction, { command, input });
  if (result?.['kind'] === 'refused') throw new Error(`${command}: ${JSON.stringify(result)}`);
  return result ?? {};
}
