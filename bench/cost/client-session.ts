/** A client of a listener: it says lines, and reads what the engine answers. */
import type { Service } from '../../containers/listener/service.ts';
import type { StandardPort } from '../../containers/standard-ports.ts';
import type { Engine, Output } from '../../mail/wire/engine.ts';
import type { Meter } from './meter.ts';

const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' };
let sessions = 0;

export class ClientSession {
  readonly #engine: Engine;
  readonly #meter: Meter;
  readonly #answers: ClientEnd;
  #tag = 0;

  private constructor(engine: Engine, answers: ClientEnd, meter: Meter) {
    this.#engine = engine;
    this.#answers = answers;
    this.#meter = meter;
  }

  static async open({
    service,
    port,
    meter,
  }: {
    readonly service: Service;
    readonly port: StandardPort;
    readonly meter: Meter;
  }): Promise<ClientSession> {
    const answers = new ClientEnd(meter);
    const connection = {
      id: `cost-${++sessions}`,
      remoteAddress: '203.0.113.7',
      remotePort: 40_000,
      localAddress: '192.0.2.1',
      localPort: port,
      loopback: false,
    };
    const engine = service.engine(connection, answers);
    await engine.start(service.tls === 'implicit' ? tls : undefined);
    return new ClientSession(engine, answers, meter);
  }

  /** Says a whole line, or bytes as they are; what was answered. */
  async say(text: string | Uint8Array): Promise<string> {
    const bytes = typeof text === 'string' ? Buffer.from(`${text}\r\n`) : Buffer.from(text);
    this.#answers.take();
    this.#meter.add('bytesIn', bytes.length);
    await this.#engine.receive(bytes);
    return this.#answers.take();
  }

  /** As `say`; throws where the answer does not begin so. */
  async expect(beginning: string, text: string | Uint8Array): Promise<string> {
    const answer = await this.say(text);
    const last = answer.trimEnd().split('\r\n').at(-1) ?? '';
    if (!last.startsWith(beginning)) throw new Error(`${String(text).slice(0, 60)} was answered: ${last}`);
    return answer;
  }

  /** A command of IMAP that goes well. */
  async command(text: string): Promise<string> {
    const tag = `a${++this.#tag}`;
    const answer = await this.say(`${tag} ${text}`);
    if (!answer.includes(`${tag} OK`)) throw new Error(`${text} was answered: ${answer.slice(-200)}`);
    return answer;
  }

  /** What came without being asked for. */
  heard(): string {
    return this.#answers.take();
  }

  async close(): Promise<void> {
    await this.#engine.closed();
  }
}

class ClientEnd implements Output {
  readonly #meter: Meter;
  #kept = '';

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  take(): string {
    const kept = this.#kept;
    this.#kept = '';
    return kept;
  }

  write(bytes: Uint8Array | string): void {
    this.#meter.add('bytesOut', typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length);
    this.#kept += Buffer.from(bytes).toString('latin1');
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  startTls(): Promise<never> {
    return Promise.reject(new Error('the clients here begin with TLS'));
  }

  end(): void {}

  setIdleTimeout(): void {}
}
