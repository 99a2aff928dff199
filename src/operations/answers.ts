/** What each verb answers, by its name: what surfaces that speak of particular verbs rely on, and the page. Types only. */

import type { AnswerOf } from "./operation.ts";
import type { alerts } from "./verbs/alerts.ts";
import type { components } from "./verbs/components.ts";
import type { diagnose } from "./verbs/diagnose.ts";
import type { history } from "./verbs/history.ts";
import type { incidents } from "./verbs/incidents.ts";
import type { incidentsShow } from "./verbs/incidents-show.ts";
import type { restore } from "./verbs/restore.ts";
import type { slo } from "./verbs/slo.ts";
import type { snapshots } from "./verbs/snapshots.ts";
import type { status } from "./verbs/status.ts";
import type { submit } from "./verbs/submit.ts";
import type { versions } from "./verbs/versions.ts";
import type { woList } from "./verbs/wo-list.ts";
import type { woShow } from "./verbs/wo-show.ts";

export interface Answers {
  alerts: AnswerOf<typeof alerts>;
  components: AnswerOf<typeof components>;
  diagnose: AnswerOf<typeof diagnose>;
  history: AnswerOf<typeof history>;
  incidents: AnswerOf<typeof incidents>;
  "incidents show": AnswerOf<typeof incidentsShow>;
  restore: AnswerOf<typeof restore>;
  slo: AnswerOf<typeof slo>;
  snapshots: AnswerOf<typeof snapshots>;
  status: AnswerOf<typeof status>;
  submit: AnswerOf<typeof submit>;
  versions: AnswerOf<typeof versions>;
  "wo list": AnswerOf<typeof woList>;
  "wo show": AnswerOf<typeof woShow>;
}
