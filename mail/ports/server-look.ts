/** ServerLook: what a client sees of a server's port. */

export interface PortSeen {
  readonly kind: 'seen';
  /** Its first line; empty where it says nothing first (HTTPS). */
  readonly greeting: string;
  /** Whether it offers STARTTLS; true where TLS comes first. */
  readonly tls: boolean;
  readonly certificate?: CertificateSeen;
}

export interface CertificateSeen {
  /** DNS names that it is for. */
  readonly names: readonly string[];
  readonly validTo: Date;
  /** Why a client would refuse it; undefined: it would not. */
  readonly refused?: string;
}

export interface PortNotSeen {
  readonly kind: 'notSeen';
  readonly why: string;
}

export interface ServerLook {
  /** `hello` is what a client says to hear of STARTTLS; undefined: TLS comes first. Never rejects. */
  look(target: {
    readonly host: string;
    readonly port: number;
    readonly serverName: string;
    readonly hello?: string;
    /** It wants to hear first from a load balancer who connects: a PROXY header, which says that it is this machine. */
    readonly proxied?: boolean;
  }): Promise<PortSeen | PortNotSeen>;
}
