/** The web surface, loaded when somebody serves it: no verb but `up` does. */

import type { PageOptions, PageServer } from "./http/server.ts";

/** Throws `EADDRINUSE` where somebody listens on that port already. */
export async function servePage(options: PageOptions): Promise<PageServer> {
  const http = await import("./http/server.ts");
  return http.servePage(options);
}
