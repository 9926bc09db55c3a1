import { fakeResolver } from './fake-resolver.ts';
import { resolverContract } from './resolver.ts';

resolverContract('a table in a test', async (zone) => ({
  resolver: fakeResolver(zone),
  async [Symbol.asyncDispose]() {},
}));
