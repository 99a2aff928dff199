/** `holdfast incidents dismiss`: a person has looked; it is let be, and not told again while it stands as it stands. */

import { HoldfastError } from "../../base/index.ts";
import { incidentLine, incidentView } from "../incident-view.ts";
import { operation, writerOf } from "../operation.ts";
import { refuseAgents } from "../refuse-agents.ts";

export const incidentsDismiss = operation({
  name: "incidents dismiss",
  about: "Let an incident be: what stands there stays, and is not told again",
  effect: "write",
  input: (z) =>
    z.strictObject({
      id: z.string(),
      falseAlarm: z.boolean().default(false),
      reason: z.string().max(1_000).default("dismissed by hand"),
    }),
  command: {
    arguments: [{ name: "id", about: "the incident's id, or its beginning" }],
    options: [
      { flags: "--false-alarm", about: "nothing was wrong: counts against Holdfast" },
      { flags: "--reason <text>", about: "goes on record" },
    ],
    examples: ["holdfast incidents dismiss INC-20261122-224307-3fa9c2 --false-alarm"],
  },
  async run(context, { id, falseAlarm, reason }) {
    refuseAgents(context.actor, "dismiss an incident");
    const { incidents, store } = writerOf(context).guard;
    const row = incidents.find(id);
    if (row.state === "dismissed") {
      throw new HoldfastError("WO_STATE", `${row.id} is dismissed already`, { hint: "holdfast incidents" });
    }
    store.transaction(() => {
      const summary = `${row.id} dismissed by ${context.actor.name}${falseAlarm ? " as a false alarm" : ""}: ${reason}`;
      const data = { falseAlarm, reason };
      incidents.record({ event: "incident.dismissed", actor: context.actor, incident: row.id, data, summary });
    });
    return incidentView(incidents.find(row.id));
  },
  print: (incident, style) => incidentLine(incident, style),
});
