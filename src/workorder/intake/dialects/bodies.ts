/** Everything that a document asks to be done, in the order in which it is done: files, operations, edits, patches, then commands. */

import { LIMITS } from "../../../base/index.ts";
import { Fields, isRecord, type Reading } from "../fields.ts";
import type { Body } from "./body.ts";
import { readChecks, readCommand, readSteps } from "./commands.ts";
import { readEdits } from "./edits.ts";
import { readFiles } from "./files.ts";
import { readOperations } from "./operations.ts";
import { readPatches } from "./patches.ts";

/** Beside the document's top level: where a body may stand. A plan's `context` describes, so nothing in it is executed. */
const BODY_CONTAINERS = ["payload", "action", "task_spec", "work_order"];

/** `WO_INVALID` or `WO_CUT_OFF`, naming the field and its place; `WO_TOO_MANY`. */
export function readBodies(reading: Reading): Body {
  const body: Body = { operations: [], steps: [], checks: [], paths: [] };
  const { value } = reading.document;
  if (!isRecord(value)) return body;
  const root = new Fields(reading, value, [], BODY_CONTAINERS);
  readFiles(root, body);
  readOperations(root, body);
  const { length } = body.operations;
  const hasCommand = body.steps.length > 0;
  readEdits(root, body);
  readPatches(root, body);
  if (hasCommand && body.operations.length > length) {
    throw reading.refusal(
      [],
      "has a command among its operations, and changes files after it; give commands as `steps`",
    );
  }
  readSteps(root, body);
  readCommand(root, body);
  readChecks(root, body);
  refuseMany(reading, body);
  refuseCutOff(reading, body);
  if (body.operations.length + body.steps.length === 0) warnOfCommand(root);
  return body;
}

function refuseMany(reading: Reading, { operations, steps, checks }: Body): void {
  const effects = operations.length + steps.length + checks.length;
  if (effects > LIMITS.orderEffectsMax) {
    throw reading.refusal([], `asks for ${effects} effects, the limit is ${LIMITS.orderEffectsMax}`, "WO_TOO_MANY");
  }
}

/** A file that breaks off inside something that would be written or run is not complete, however well it parses. */
function refuseCutOff(reading: Reading, { paths }: Body): void {
  const { cutOff } = reading.document;
  if (!cutOff || !paths.some((path) => path.every((key, index) => cutOff.path[index] === key))) return;
  throw reading.refusal(cutOff.path, "is where the file breaks off: its last line has no end", "WO_CUT_OFF");
}

function warnOfCommand(root: Fields): void {
  const command = root.all("command")[0];
  if (command)
    root.reading.warnings.push("`command` alone is not executed here (`cmd` and `steps` are): it is left to the agent");
}
