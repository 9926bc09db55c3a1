/** What a listener is told: which protocol in which role stands on which port. */
import type { EngineFactory } from '../../mail/wire/engine.ts';

/** A protocol in one role: what a connection gets that reached it. */
export interface Service {
  /** `smtp`, `pop3` …, for log and metrics. */
  readonly protocol: string;
  /** `mta`, `msa`, `maa`, for log and metrics. */
  readonly role: string;
  /** `implicit`: the handshake comes before the greeting. `starttls`: the engine may ask for it. */
  readonly tls: 'none' | 'starttls' | 'implicit';
  readonly engine: EngineFactory;
  /** The protocol's own words for what the runtime refuses, each a whole line with its CRLF. */
  readonly texts: {
    /** `421 4.7.0 Too many connections` */
    readonly tooManyConnections: string;
    /** `421 4.3.0 Something went wrong here` */
    readonly fault: string;
  };
}

/** A service and the port it stands on. */
export interface Listener extends Service {
  /** 0 takes a free one. */
  readonly port: number;
  /**
   * `required`: each connection begins with a PROXY header (version 1 or 2), and one without is refused.
   * `off`: a header is never believed; its bytes go to the engine like any others.
   */
  readonly proxy: 'required' | 'off';
  /**
   * Where several ports of a load balancer lead to this one: the service for each destination port that the PROXY
   * header names. A port that is not there, and a header without addresses, gets the listener's own service.
   */
  readonly byDestinationPort?: ReadonlyMap<number, Service>;
}
