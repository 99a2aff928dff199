/** The long-running process of a tree. */

export { type Daemon, type DaemonOptions, startDaemon } from "./daemon.ts";
