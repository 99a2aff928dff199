/** Parts of verbs that run where the tree is held, while the rest of the verb runs in its caller's process. Nobody types them. */

import type { Operation } from "./operation.ts";

export const PARTS: readonly { readonly name: string; load(): Promise<Operation> }[] = [
  { name: "run.begin", load: async () => (await import("./run-begin.ts")).runBegin },
  { name: "rollback.go", load: async () => (await import("./rollback-go.ts")).rollbackGo },
  { name: "undo.go", load: async () => (await import("./undo-go.ts")).undoGo },
  { name: "run.end", load: async () => (await import("./run-end.ts")).runEnd },
  { name: "forensics.keep", load: async () => (await import("./forensics-keep.ts")).forensicsKeep },
  { name: "service.record", load: async () => (await import("./service-record.ts")).serviceRecord },
  { name: "tree.take", load: async () => (await import("./tree-take.ts")).treeTake },
];
