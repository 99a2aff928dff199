/**
 * Brings files that exist only in a copy into the canonical tree, through a work order: the part of `tree compare --apply` that writes.
 *
 * The bytes are put into the vault first; the order places each only while nothing stands there. So nothing is overwritten, whatever
 * happens between the look and the write.
 */

import { join } from "node:path";
import {
  ABSENT,
  type Entry,
  HoldfastError,
  isoTime,
  LIMITS,
  type Ports,
  type TreePath,
  type WorkOrderId,
} from "../base/index.ts";
import { checkedPath, isAtOrBelow, parseTreePath, type Tree } from "../tree/index.ts";
import { bytesAt, entryAt, orderFromOperations } from "../workorder/index.ts";
import { copyAt, treeOfCopy } from "./copy-at.ts";
import { type OperationContext, operation, writerOf } from "./operation.ts";

export interface Taken {
  id: string;
  status: string;
  stage: string;
  /** What the order placed. */
  paths: string[];
  /** What stays where it is, and why. */
  left: { path: string; why: string }[];
}

export const treeTake = operation({
  name: "tree.take",
  about: "Bring files that exist only in a copy into the canonical tree, through an order; nothing is overwritten",
  effect: "write",
  input: (z) => z.strictObject({ root: z.string(), paths: z.array(z.string()).min(1) }),
  command: { examples: [] },
  async run(context, { root, paths }): Promise<Taken> {
    const { house } = context;
    const copy = await copyOf(root, context);
    const { engine } = writerOf(context);
    const { states, left } = await intoVault(copy, paths, context);
    const id = orderId(context.ports);
    if (states.size === 0) return { id, status: "nothing", stage: "nothing", paths: [], left };
    const order = orderFromOperations({
      id,
      title: `Bring over ${states.size === 1 ? [...states.keys()][0] : `${states.size} files`} from ${copy.root}`,
      tags: ["copy"],
      operations: [...states].map(([path, state]) => ({
        ...{ op: "restore", path, from: null },
        exactly: { state, whileStands: ABSENT },
      })),
    });
    // It is as somebody left it in the copy: whether it parses is not this order's business.
    order.extra["skip_syntax"] = true;
    const raw = Buffer.from(JSON.stringify(order));
    const [reception] = await engine.submit([
      { order, raw, filename: null, agent: null, via: "cli", inboxPath: null, actor: context.actor },
    ]);
    if (reception instanceof HoldfastError) throw reception;
    const row = await engine.finished(id);
    const there = [...states].filter(([path]) => house.vault.latest(path)?.entry.kind === "file").map(([path]) => path);
    return { id, status: row.status, stage: row.stage, paths: row.status === "done" ? there : [], left };
  },
  print: () => "",
});

/** Of this tree: what it brings is somebody's own work, not a stranger's. */
async function copyOf(root: string, context: OperationContext): Promise<Tree> {
  const found = await copyAt(root, context);
  if (found.tree.id === context.tree.id) return treeOfCopy(found, context.ports);
  throw new HoldfastError("TREE_NO_COPY", `${root} is a copy of ${found.tree.root}, not of ${context.tree.root}`);
}

async function intoVault(copy: Tree, paths: readonly string[], { house, ports, tree }: OperationContext) {
  const states = new Map<TreePath, Entry>();
  const left: Taken["left"] = [];
  const batch = house.vault.begin();
  try {
    for (const text of paths) {
      const path = parseTreePath(text);
      const why = reasonToLeave(path, copy, tree, ports);
      if (why !== null) left.push({ path, why });
      else {
        const place = join(copy.root, path);
        const entry = entryAt(ports.disk, place);
        states.set(path, entry.kind === "file" ? { ...entry, digest: batch.put(bytesAt(ports.disk, place)) } : entry);
      }
      await ports.clock.breathe();
    }
    await batch.commit();
  } catch (error) {
    batch.abort();
    throw error;
  }
  return { states, left };
}

function reasonToLeave(path: TreePath, copy: Tree, tree: Tree, { disk }: Ports): string | null {
  const stat = disk.lstat(checkedPath(copy, path, disk));
  if (stat === null) return "the copy has nothing there";
  if (stat.kind !== "file" && stat.kind !== "link") return "only files and links are brought over";
  if (stat.sizeBytes > LIMITS.unionSizeBytesMax) return "it is too large to go through an order";
  const place = checkedPath(tree, path, disk);
  if (isAtOrBelow(place, copy.root)) return "the copy itself stands there";
  return disk.lstat(place) === null ? null : "the tree has something there";
}

function orderId({ clock, random }: Pick<Ports, "clock" | "random">): WorkOrderId {
  const stamp = isoTime(clock.now())
    .replace(/[-:]|\.\d+Z$/g, "")
    .replace("T", "-");
  return `WO-FROM-COPY-${stamp}-${random.bytes(3).toString("hex")}` as WorkOrderId;
}
