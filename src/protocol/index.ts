/** The daemon's socket: newline-delimited JSON between a command and the daemon of its tree. */

export { type CallOptions, type Client, type ConnectOptions, connect } from "./client.ts";
export { type ServeOptions, type Server, serve } from "./server.ts";
export type { Handler, Hello, RequestContext } from "./session.ts";
