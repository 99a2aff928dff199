/** What a running daemon knows of itself: for verbs that run in it, and for those that ask over its socket. */

import type { Alerts } from "../alerts/index.ts";
import { isoTime } from "../base/index.ts";
import type { Eyes, Workspaces } from "../guard/index.ts";
import { troubleOf, type Watching, type Writer } from "../operations/index.ts";
import type { Inbox } from "../workorder/index.ts";
import { troubleOfEyes, troubleOfWorkspaces } from "./eyes-of.ts";

export function watchingOf({
  writer,
  inbox,
  eyes,
  workspaces,
  alerts,
}: {
  writer: Writer;
  inbox: Inbox;
  eyes: Eyes;
  workspaces: Workspaces;
  alerts: Alerts;
}): Watching {
  return {
    startedAt: isoTime(writer.house.ports.clock.now()),
    trouble: () => [
      ...troubleOf(writer),
      ...inbox.trouble,
      ...troubleOfEyes(eyes.state()),
      ...troubleOfWorkspaces(workspaces.state()),
      ...alerts.trouble(),
    ],
    eyes: () => eyes.state(),
    workspaces: () => workspaces.state(),
  };
}
