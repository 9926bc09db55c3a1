/** The certificates that listeners show: chosen by the name a client asks for, and renewed without a restart. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { CertificatePair } from '../../mail/ports/certificates.ts';
import type { Log } from '../../mail/ports/log.ts';
import type { Metrics } from '../../mail/ports/metrics.ts';
import type { SecureContexts } from './handshake.ts';

/** Where a certificate comes from; asked again to find out whether there is a new one. */
export interface CertificateSource {
  /** For the log. */
  readonly name: string;
  read(): Promise<CertificatePair>;
}

/** A chain and a key in two PEM files. */
export function certificateFiles(files: {
  readonly certificate: string;
  readonly key: string;
}): CertificateSource {
  return {
    name: files.certificate,
    read: async () => ({
      certificate: await readFile(files.certificate, 'utf8'),
      key: await readFile(files.key, 'utf8'),
    }),
  };
}

export interface CertificatesOptions {
  /** The first is shown to clients that name no host, or one that no certificate is for. */
  readonly sources: readonly [CertificateSource, ...CertificateSource[]];
  readonly log: Log;
  readonly metrics: Metrics;
  /** How often the sources are looked at. The whole files are read, for a renewal may keep their times. */
  readonly checkEveryMs?: number;
}

interface Loaded {
  readonly source: CertificateSource;
  readonly pair: CertificatePair;
  readonly x509: X509Certificate;
  readonly context: SecureContext;
  /** What was last refused, so that it is logged once. */
  readonly refused?: string;
}

const defaultCheckEveryMs = 30_000;
const dayMs = 86_400_000;

/** Holds the contexts of all sources. Connections that stand keep what they were secured with. */
export class Certificates implements SecureContexts, Disposable {
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #timer: NodeJS.Timeout;
  #loaded: readonly Loaded[];
  #reloading: Promise<void> | undefined;

  private constructor(loaded: readonly Loaded[], { log, metrics, checkEveryMs }: CertificatesOptions) {
    this.#loaded = loaded;
    this.#log = log;
    this.#metrics = metrics;
    this.#timer = setInterval(() => void this.reload(), checkEveryMs ?? defaultCheckEveryMs).unref();
    for (const each of loaded) this.#tellLoaded(each);
  }

  /** Rejects with an error that names the source when one cannot be read or is no certificate with its key. */
  static async load(options: CertificatesOptions): Promise<Certificates> {
    return new Certificates(await Promise.all(options.sources.map(loadFirst)), options);
  }

  context(serverName?: string): SecureContext {
    const named =
      serverName === undefined ? undefined : this.#loaded.find(({ x509 }) => isFor(x509, serverName));
    const chosen = named ?? this.#loaded[0];
    if (chosen === undefined) throw new Error('no certificate is loaded');
    return chosen.context;
  }

  /** Looks at the sources now. What cannot be used is logged, and the certificate before it stays. Never rejects. */
  reload(): Promise<void> {
    this.#reloading ??= Promise.all(this.#loaded.map((each) => this.#renewed(each)))
      .then((loaded) => {
        this.#loaded = loaded;
        for (const each of loaded) this.#tellExpiry(each);
      })
      .finally(() => {
        this.#reloading = undefined;
      });
    return this.#reloading;
  }

  /** From now on another source too; `first`: shown to clients that name no host. Rejects where it cannot be used. */
  async add(source: CertificateSource, { first = false }: { readonly first?: boolean } = {}): Promise<void> {
    const loaded = await loadFirst(source);
    await this.#reloading;
    const others = this.#loaded.filter((each) => each.source.name !== source.name);
    this.#loaded = first ? [loaded, ...others] : [...others, loaded];
    this.#tellLoaded(loaded);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #renewed(held: Loaded): Promise<Loaded> {
    let seen = 'unreadable';
    try {
      const pair = await held.source.read();
      if (pair.certificate === held.pair.certificate && pair.key === held.pair.key) return held;
      seen = `${pair.certificate}\n${pair.key}`;
      if (seen === held.refused) return held;
      const renewed = fromPair(held.source, pair);
      this.#log.info('tls.certificateReloaded', { source: held.source.name, validTo: renewed.x509.validTo });
      this.#tellLoaded(renewed);
      return renewed;
    } catch (fault) {
      if (seen === held.refused) return held;
      this.#metrics.count('tls.certificateRefused');
      this.#log.error('tls.certificateRefused', fault, { source: held.source.name, kept: held.x509.validTo });
      return { ...held, refused: seen };
    }
  }

  #tellLoaded({ source, x509 }: Loaded): void {
    if (daysLeftOf(x509) < 0)
      this.#log.warn('tls.certificateExpired', { source: source.name, validTo: x509.validTo });
    this.#tellExpiry({ source, x509 });
  }

  /** Again and again: an alarm that hears nothing takes it for the server's end. */
  #tellExpiry({ source, x509 }: Pick<Loaded, 'source' | 'x509'>): void {
    this.#metrics.gauge('tls.certificateDaysLeft', daysLeftOf(x509), { source: source.name });
  }
}

async function loadFirst(source: CertificateSource): Promise<Loaded> {
  try {
    return fromPair(source, await source.read());
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the certificate ${source.name} cannot be used: ${why}`, { cause });
  }
}

/** Throws when the two are no certificate and its key. */
function fromPair(source: CertificateSource, pair: CertificatePair): Loaded {
  const x509 = new X509Certificate(pair.certificate);
  // A context is made without complaint from an empty key: what a file is while it is being written.
  if (!x509.checkPrivateKey(createPrivateKey(pair.key))) throw new Error('the key is not the certificate’s');
  const context = createSecureContext({
    cert: pair.certificate,
    key: pair.key,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
  });
  return { source, pair, x509, context };
}

function daysLeftOf({ validToDate }: X509Certificate): number {
  return Math.floor((validToDate.getTime() - Date.now()) / dayMs);
}

function isFor(x509: X509Certificate, serverName: string): boolean {
  return x509.checkHost(serverName) !== undefined;
}
