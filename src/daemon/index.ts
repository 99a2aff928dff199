/** The long-running process of a tree. */

export { type Daemon, type DaemonOptions, startDaemon } from "./daemon.ts";
export type { OpenPage, Page } from "./page.ts";
