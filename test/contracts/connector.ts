/** The contract of Connector: every driver passes it whole. The other side is an engine, as behind every listener. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ConnectionFailed, type Connector, type OutboundConnection } from '../../mail/ports/connector.ts';
import type { Engine, EngineFactory, Output } from '../../mail/wire/engine.ts';

export interface Place {
  readonly address: string;
  readonly port: number;
}

export interface ConnectorUnderTest extends AsyncDisposable {
  readonly connector: Connector;
  /** Makes a server of this engine; its certificate is for `certificateName`, by somebody the connector trusts. */
  serve(engine: EngineFactory, tls: 'starttls' | 'implicit' | 'none'): Promise<Place>;
  readonly certificateName: string;
  /** Where nobody listens. */
  nobody(): Promise<Place>;
}

/** What one side of a test does. */
interface Behaviour {
  readonly start?: (output: Output) => Promise<void> | void;
  readonly receive?: (bytes: Uint8Array, output: Output) => Promise<void> | void;
  readonly closed?: () => void;
}

const shortMs = 100;
const longMs = 10_000;

function engineOf({ start, receive, closed }: Behaviour): EngineFactory {
  return (_, output): Engine => ({
    start: async () => start?.(output),
    receive: async (bytes) => receive?.(bytes, output),
    idle: () => {},
    leave: () => {},
    closed: async () => closed?.(),
  });
}

const echo: Behaviour = { receive: (bytes, output) => output.write(Uint8Array.from(bytes)) };

/** Reads until so many octets have come. */
async function readOctets(connection: OutboundConnection, octets: number): Promise<string> {
  let text = '';
  while (text.length < octets) {
    const bytes = await connection.read({ timeoutMs: longMs });
    assert.ok(bytes, `the end came after ${text}`);
    assert.ok(bytes.length > 0);
    text += Buffer.from(bytes).toString('latin1');
  }
  return text;
}

function failsWith(kind: ConnectionFailed['kind']): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ConnectionFailed, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.notEqual(error.message, '');
    return true;
  };
}

/** Registers the suite for a driver. */
export function connectorContract(driver: string, open: () => Promise<ConnectorUnderTest>): void {
  const check = (name: string, body: (under: ConnectorUnderTest) => Promise<void>) => {
    test(name, { timeout: 60_000 }, async () => {
      await using under = await open();
      await body(under);
    });
  };
  suite(`Connector: ${driver}`, () => {
    check('what is written arrives, and what the other says is read, in order', async (under) => {
      const place = await under.serve(engineOf(echo), 'none');
      const connection = await under.connector.connect({ ...place, timeoutMs: longMs });
      assert.equal(connection.remoteAddress, place.address);
      assert.equal(connection.tls, undefined);
      for (const text of ['one\r\n', 'two', '\r\nthree'])
        await connection.write(Buffer.from(text), { timeoutMs: longMs });
      assert.equal(await readOctets(connection, 15), 'one\r\ntwo\r\nthree');
      connection.close();
    });

    check('megabytes go both ways, whoever is slow', async (under) => {
      const piece = Buffer.alloc(100_000, 'x');
      let arrived = 0;
      const place = await under.serve(
        engineOf({
          async receive(bytes, output) {
            arrived += bytes.length;
            await new Promise((resolve) => setImmediate(resolve));
            if (arrived < 50 * piece.length) return;
            for (let written = 0; written < 50; written++) {
              output.write(Uint8Array.from(piece));
              await output.ready();
            }
          },
        }),
        'none',
      );
      const connection = await under.connector.connect({ ...place, timeoutMs: longMs });
      for (let written = 0; written < 50; written++) await connection.write(piece, { timeoutMs: longMs });
      assert.equal((await readOctets(connection, 50 * piece.length)).length, 50 * piece.length);
      connection.close();
    });

    check('when the other side ends, all that it said is read, and then the end', async (under) => {
      const place = await under.serve(
        engineOf({
          start(output) {
            output.write('421 bye\r\n');
            output.end();
          },
        }),
        'none',
      );
      const connection = await under.connector.connect({ ...place, timeoutMs: longMs });
      assert.equal(await readOctets(connection, 9), '421 bye\r\n');
      assert.equal(await connection.read({ timeoutMs: longMs }), undefined);
      assert.equal(await connection.read({ timeoutMs: longMs }), undefined);
      connection.close();
    });

    check('the last words are read though much was being written when they came', async (under) => {
      let octets = 0;
      const place = await under.serve(
        engineOf({
          receive(bytes, output) {
            octets += bytes.length;
            if (octets < 1_000_000) return;
            output.write('552 enough\r\n');
            output.end();
          },
        }),
        'none',
      );
      const connection = await under.connector.connect({ ...place, timeoutMs: longMs });
      const piece = Buffer.alloc(65_536, 'x');
      try {
        for (let written = 0; written < 400; written++) await connection.write(piece, { timeoutMs: longMs });
      } catch (error) {
        failsWith('closed')(error);
      }
      assert.equal(await readOctets(connection, 12), '552 enough\r\n');
      connection.close();
    });

    check('a read that nothing comes for ends after its time, and the connection goes on', async (under) => {
      const place = await under.serve(engineOf(echo), 'none');
      const connection = await under.connector.connect({ ...place, timeoutMs: longMs });
      await assert.rejects(connection.read({ timeoutMs: shortMs }), failsWith('timeout'));
      await connection.write(Buffer.from('x'), { timeoutMs: longMs });
      assert.equal(await readOctets(connection, 1), 'x');
      connection.close();
    });

    check('a write that nothing is taken of ends after its time', async (under) => {
      const gate = Promise.withResolvers<void>();
      const place = await under.serve(engineOf({ receive: () => gate.promise }), 'none');
      const connection = await under.connector.connect({ ...place, timeoutMs: longMs });
      const piece = Buffer.alloc(1_000_000, 'x');
      await assert.rejects(async () => {
        for (let written = 0; written < 100; written++) await connection.write(piece, { timeoutMs: shortMs });
      }, failsWith('timeout'));
      connection.close();
      gate.resolve();
    });

    check('where nobody listens is refused', async (under) => {
      const place = await under.nobody();
      await assert.rejects(under.connector.connect({ ...place, timeoutMs: longMs }), failsWith('refused'));
    });

    check(
      'a connection that was ended here reads and writes nothing, and the other side hears of it',
      async (under) => {
        const gone = Promise.withResolvers<void>();
        const place = await under.serve(engineOf({ closed: gone.resolve }), 'none');
        const connection = await under.connector.connect({ ...place, timeoutMs: longMs });
        const reading = connection.read({ timeoutMs: longMs });
        const rejected = assert.rejects(reading, failsWith('closed'));
        connection.close();
        connection.close();
        await rejected;
        await assert.rejects(connection.read({ timeoutMs: longMs }), failsWith('closed'));
        await assert.rejects(connection.write(Buffer.from('x'), { timeoutMs: longMs }), failsWith('closed'));
        await gone.promise;
      },
    );

    check('a connection is ended by its signal, whatever it is at, and each of very many', async (under) => {
      const ending = new AbortController();
      const { signal } = ending;
      const place = await under.serve(securable(), 'starttls');
      const waiting: Promise<unknown>[] = [];
      for (let at = 0; at < 30; at++) {
        const connection = await under.connector.connect({ ...place, timeoutMs: longMs, signal });
        if (at % 2 === 0) {
          await connection.write(Buffer.from('tls'), { timeoutMs: longMs });
          assert.equal(await readOctets(connection, 3), 'go!');
          await connection.startTls({ serverName: 'any.test', verify: 'none' }, { timeoutMs: longMs });
        }
        waiting.push(assert.rejects(connection.read({ timeoutMs: longMs }), failsWith('closed')));
      }
      ending.abort();
      await Promise.all(waiting);
    });

    /** Says whether it is secured to whoever asks, and secures itself for who says `tls`. */
    const securable = (): EngineFactory => {
      let secured = false;
      return (_, output): Engine => ({
        start: async (tls) => {
          secured = tls !== undefined;
        },
        async receive(bytes) {
          if (Buffer.from(bytes).toString() !== 'tls') return output.write(secured ? 'secret' : 'clear!');
          output.write('go!');
          await output.startTls();
          secured = true;
        },
        idle: () => {},
        leave: () => {},
        closed: async () => {},
      });
    };

    /** The two ways to a secured connection. */
    const ways = {
      implicit: async (
        under: ConnectorUnderTest,
        tls: { serverName: string; verify: 'required' | 'none' },
      ) => {
        const place = await under.serve(securable(), 'implicit');
        return under.connector.connect({ ...place, implicitTls: tls, timeoutMs: longMs });
      },
      starttls: async (
        under: ConnectorUnderTest,
        tls: { serverName: string; verify: 'required' | 'none' },
      ) => {
        const place = await under.serve(securable(), 'starttls');
        const connection = await under.connector.connect({ ...place, timeoutMs: longMs });
        await connection.write(Buffer.from('tls'), { timeoutMs: longMs });
        assert.equal(await readOctets(connection, 3), 'go!');
        assert.deepEqual(await connection.startTls(tls, { timeoutMs: longMs }), connection.tls);
        return connection;
      },
    };
    for (const [name, secure] of Object.entries(ways)) {
      check(
        `${name}: what follows the handshake is secret, with a certificate that is right`,
        async (under) => {
          const serverName = under.certificateName;
          for (const verify of ['required', 'none'] as const) {
            const connection = await secure(under, { serverName, verify });
            assert.equal(connection.tls?.verified, true);
            assert.match(connection.tls.version, /^TLSv1\.[23]$/);
            assert.match(connection.tls.cipher, /^TLS_/);
            await connection.write(Buffer.from('how?'), { timeoutMs: longMs });
            assert.equal(await readOctets(connection, 6), 'secret');
            connection.close();
          }
        },
      );

      check(
        `${name}: a certificate for another name fails where it is looked at, and is told where not`,
        async (under) => {
          const serverName = 'other.example';
          await assert.rejects(secure(under, { serverName, verify: 'required' }), failsWith('tls'));
          const connection = await secure(under, { serverName, verify: 'none' });
          assert.equal(connection.tls?.verified, false);
          await connection.write(Buffer.from('how?'), { timeoutMs: longMs });
          assert.equal(await readOctets(connection, 6), 'secret');
          connection.close();
        },
      );
    }

    check('a handshake with who does not speak TLS fails', async (under) => {
      const rude = engineOf({
        start: (output) => output.write('220 no TLS here\r\n'),
        receive: (_, output) => output.end(),
      });
      const place = await under.serve(rude, 'none');
      const implicitTls = { serverName: under.certificateName, verify: 'none' } as const;
      await assert.rejects(
        under.connector.connect({ ...place, implicitTls, timeoutMs: longMs }),
        failsWith('tls'),
      );
    });

    check('a handshake that the other side does not answer ends after its time', async (under) => {
      const place = await under.serve(engineOf({}), 'none');
      const connection = await under.connector.connect({ ...place, timeoutMs: longMs });
      const target = { serverName: under.certificateName, verify: 'none' } as const;
      await assert.rejects(connection.startTls(target, { timeoutMs: shortMs }), failsWith('timeout'));
      connection.close();
    });

    check('a handshake in which the other side goes away fails', async (under) => {
      const place = await under.serve(engineOf({ receive: (_, output) => output.end() }), 'none');
      const connection = await under.connector.connect({ ...place, timeoutMs: longMs });
      await connection.write(Buffer.from('tls'), { timeoutMs: longMs });
      const target = { serverName: under.certificateName, verify: 'none' } as const;
      await assert.rejects(connection.startTls(target, { timeoutMs: longMs }), failsWith('tls'));
      connection.close();
    });
  });
}
