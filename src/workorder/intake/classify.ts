/**
 * What a document is, said honestly: an order, or something else that lies among orders.
 *
 * A document with something to execute is an order, unless it says of itself that it is over (an outcome and a mark of its end) or
 * that it was never filled in. One with nothing to execute is an order when it asks for something: it is routed, never done. The
 * rest is set aside with a reason. Content decides; a file's name only tells an acknowledgement from a result.
 */

import type { Classified } from "../order.ts";
import { hasBody } from "../order.ts";
import { factsOf } from "./facts.ts";
import { isRecord } from "./fields.ts";
import { RULES_WHATEVER_IT_CARRIES, RULES_WITHOUT_BODY } from "./other-documents.ts";
import type { Parsed } from "./parse.ts";
import { orderOf } from "./read-order.ts";
import { templateReason } from "./template.ts";

/** Throws what `orderOf` throws: a document that is an order, and a wrong one, is refused rather than set aside. */
export function classify(document: Parsed, options: { inFolder?: boolean } = {}): Classified {
  const { value, filename } = document;
  if (!isRecord(value)) return { kind: "not-an-order", ...noMapping(value) };
  const facts = factsOf(value, filename);
  const settled = RULES_WHATEVER_IT_CARRIES.find(({ holds }) => holds(facts));
  if (settled) return { kind: "not-an-order", what: settled.what, reason: settled.reason };
  const template = templateReason(facts);
  if (template?.isCertain) return { kind: "not-an-order", what: "template", reason: template.reason };
  if (!mayCarryBody(value)) {
    const bodyless = RULES_WITHOUT_BODY.find(({ holds }) => holds(facts));
    if (bodyless) return { kind: "not-an-order", what: bodyless.what, reason: bodyless.reason };
  }
  const order = orderOf(document);
  if (!options.inFolder && facts.has("body_file")) {
    order.warnings.push("`body_file` names a file of a folder order; this document came alone");
  }
  if (hasBody(order)) return { kind: "order", order };
  if (template) return { kind: "not-an-order", what: "template", reason: template.reason };
  const rule = RULES_WITHOUT_BODY.find(({ holds }) => holds(facts));
  if (rule) return { kind: "not-an-order", what: rule.what, reason: rule.reason };
  return { kind: "order", order };
}

function noMapping(value: unknown): { what: string; reason: string } {
  if (value === null) return { what: "empty", reason: "the file holds nothing but space and comments" };
  if (Array.isArray(value)) return { what: "list", reason: "it is a list whose entries are not all mappings" };
  return { what: "text", reason: "it is plain text, not a mapping of fields" };
}

const BODY_KEYS = [
  "files",
  "operations",
  "ops",
  "edits",
  "patch",
  "patches",
  "patch_content",
  "diff",
  "steps",
  "cmd",
  "code",
];

/** True when a key is there that can hold something to execute. Cheap: whether it does is for `orderOf` to say. */
function mayCarryBody(value: Record<string, unknown>): boolean {
  const below = ["payload", "action", "task_spec", "work_order"].map((key) =>
    Object.hasOwn(value, key) ? value[key] : null,
  );
  return [value, ...below].some((record) => isRecord(record) && BODY_KEYS.some((key) => Object.hasOwn(record, key)));
}
