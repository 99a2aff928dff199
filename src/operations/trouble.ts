/** What keeps orders from being carried out and views from being written right now. */

import type { Trouble } from "../workorder/index.ts";
import type { Writer } from "./writer.ts";

export function troubleOf({ engine, projector }: Pick<Writer, "engine" | "projector">): Trouble[] {
  const all = [...(engine.trouble === null ? [] : [engine.trouble]), ...projector.trouble];
  return all.map(({ code, message, hint }) => ({ code, message, hint }));
}
