/** What each verb answers, by its name: what surfaces that speak of particular verbs rely on. */

import type { AnswerOf } from "./operation.ts";
import type { diagnose } from "./verbs/diagnose.ts";
import type { history } from "./verbs/history.ts";
import type { incidentsShow } from "./verbs/incidents-show.ts";
import type { restore } from "./verbs/restore.ts";
import type { status } from "./verbs/status.ts";
import type { submit } from "./verbs/submit.ts";

export interface Answers {
  diagnose: AnswerOf<typeof diagnose>;
  history: AnswerOf<typeof history>;
  "incidents show": AnswerOf<typeof incidentsShow>;
  restore: AnswerOf<typeof restore>;
  status: AnswerOf<typeof status>;
  submit: AnswerOf<typeof submit>;
}
