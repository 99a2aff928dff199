/** A web server on loopback, or on a unix socket. What it answers is decided by who listens. */

export interface HttpPort {
  /**
   * Answers on 127.0.0.1; `port: 0`: any that is free. Throws `EADDRINUSE`. Connections that are slow to ask, and those beyond
   * `LIMITS.httpConnectionsMax`, are ended.
   */
  listen(options: {
    readonly port: number;
    answer(request: Request): Response | Promise<Response>;
  }): Promise<HttpListener>;
  /** The same on a unix socket (`path` must not exist: `EADDRINUSE`) with mode 0600, for callers that have nothing but curl. */
  listenOnSocket(options: {
    readonly path: string;
    answer(request: Request): Response | Promise<Response>;
  }): Promise<Pick<HttpListener, "close">>;
  /**
   * POST, over http or https. Follows no redirection, and keeps nothing of the answer but its status. Throws system errors;
   * `ETIMEDOUT` when it took too long, or `signal` aborts.
   */
  send(request: HttpRequest): Promise<HttpSent>;
}

/** A request to somebody else's server. */
export interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface HttpSent {
  readonly status: number;
  /** It asked for so much time before the next one. */
  readonly retryAfterMs: number | null;
}

export interface HttpListener {
  readonly port: number;
  /** Takes no more connections and ends those that are open. */
  close(): Promise<void>;
}
