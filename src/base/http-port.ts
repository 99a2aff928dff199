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
}

export interface HttpListener {
  readonly port: number;
  /** Takes no more connections and ends those that are open. */
  close(): Promise<void>;
}
