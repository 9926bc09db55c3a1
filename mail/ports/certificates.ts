/** Certificates: who gives them, and where they are kept. */

/** A chain, the server's own first, and its key, in PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

/** What shows a certificate authority that a name is ours. */
export interface Proof {
  /** The name that is proved. */
  readonly name: string;
  /** Of a TXT record at `_acme-challenge.<name>` (RFC 8555 section 8.4). */
  readonly dnsText: string;
  /** Shown to whoever asks for `acme-tls/1` (RFC 8737). */
  readonly tlsAlpn: () => Promise<CertificatePair>;
}

/** How names are proved. */
export interface Prover {
  readonly way: 'dns-01' | 'tls-alpn-01';
  /** From when it resolves the authority may look; disposing takes the proof away. */
  show(proof: Proof): Promise<AsyncDisposable>;
}

export interface CertificateAuthority {
  /**
   * A certificate for all the names, with a new key. Takes seconds to minutes; gives up in time. Rejects with what the
   * authority said, and with `NamesNotProved` where some names could not be proved.
   */
  order(names: readonly string[], prover: Prover): Promise<CertificatePair>;
}

export class NamesNotProved extends Error {
  /** Of those that were asked for. */
  readonly names: readonly string[];
  constructor(names: readonly string[], why: string) {
    super(`${names.join(', ')} could not be proved to the certificate authority: ${why}`);
    this.name = 'NamesNotProved';
    this.names = names;
  }
}

export interface CertificateStore {
  /** Undefined where there is none of that name. */
  read(name: string): Promise<CertificatePair | undefined>;
  /** In place of the one before; both parts at once. */
  write(name: string, pair: CertificatePair): Promise<void>;
}
