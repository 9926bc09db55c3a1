/** Whether who has logged in would still be let in, without their password. */
import type { Directory } from '../directory/directory.ts';
import { domainOf } from '../directory/account.ts';
import { parseAccountId, sound } from '../mailbox/types.ts';
import type { LoggedIn } from '../wire/engine.ts';

/** False: the account is gone or suspended, or the password was removed or replaced. A fault rejects. */
export async function mayStay(directory: Directory, principal: LoggedIn): Promise<boolean> {
  const { accountId, credential, passwordSince } = principal;
  const account = await directory.findAccount(sound(parseAccountId(accountId), 'account id'));
  if (account?.status !== 'active') return false;
  if ((await directory.findDomain(domainOf(account.address)))?.status === 'suspended') return false;
  if (credential === undefined) return account.passwordChangedAt === passwordSince;
  const credentials = await directory.listCredentials(account.id);
  return credentials.some(({ name, createdAt }) => name === credential && createdAt === passwordSince);
}
