/** An order that Holdfast makes itself: a canary, a repair. */

import type { WorkOrderId } from "../base/index.ts";
import type { Operation, WorkOrder } from "./order.ts";

export function orderFromOperations(from: {
  id: WorkOrderId;
  title: string;
  tags: string[];
  operations: Operation[];
}): WorkOrder {
  return {
    v: 1,
    id: from.id,
    title: from.title,
    summary: "",
    description: "",
    owner: "holdfast",
    category: "",
    priority: "Medium",
    tags: from.tags,
    goal: "",
    dueDate: null,
    notes: "",
    progress: null,
    createdAt: null,
    routes: [],
    notBeforeMs: null,
    timeoutMs: null,
    retries: null,
    dependsOn: [],
    supersedes: null,
    dryRun: false,
    operations: from.operations,
    steps: [],
    checks: [],
    idempotent: true,
    touches: null,
    warnings: [],
    extra: {},
  };
}
