/** `holdfast ledger export`: one record a line, oldest first. */

import { parseMoment } from "../../base/index.ts";
import { operation } from "../operation.ts";

export const ledgerExport = operation({
  name: "ledger export",
  about: "Write records to stdout as JSONL, oldest first",
  effect: "read",
  exports: true,
  input: (z) => z.strictObject({ since: z.string().optional(), until: z.string().optional() }),
  command: {
    options: [
      { flags: "--since <time>", about: "from this moment on" },
      { flags: "--until <time>", about: "up to this moment" },
    ],
    examples: ["holdfast ledger export > ledger.jsonl"],
  },
  async run({ house, ports, emit }, { since, until }) {
    const nowMs = ports.clock.now();
    let records = 0;
    const range = {
      ...(since === undefined ? {} : { sinceMs: parseMoment(since, nowMs) }),
      ...(until === undefined ? {} : { untilMs: parseMoment(until, nowMs) }),
    };
    for (const record of house.ledger.read(range)) {
      emit(record);
      records += 1;
    }
    return { exported: records };
  },
  print: () => "",
});
