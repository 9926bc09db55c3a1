/** A request for a page and its answer, as far as Posta's pages need them (RFC 9110). */

export interface WebRequest {
  /** `GET`, `POST` … */
  readonly method: string;
  /** Canonical, without a port; empty where the request names none. */
  readonly host: string;
  /** As it was asked for, from the slash on, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Cut off at the runtime's limit. */
  readonly body: string;
}

export interface WebResponse {
  readonly status: number;
  /** Names in lower case. The runtime adds length and date. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers a request. A rejection is a fault: the runtime answers 500. */
export type WebHandler = (request: WebRequest) => Promise<WebResponse>;
