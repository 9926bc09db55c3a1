/** What a mail client types in: the server's name, and the ports on which it is told to connect. */

export interface ClientSettings {
  /** One name for all protocols: the certificate is for it. */
  readonly hostname: string;
  readonly ports: ClientPorts;
}

/** Those with TLS from the first octet on (RFC 8314 section 3): every client knows them. */
export interface ClientPorts {
  readonly imaps: number;
  readonly pop3s: number;
  readonly submissions: number;
}
