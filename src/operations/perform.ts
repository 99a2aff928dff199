/**
 * Performs a verb where it belongs: in this process, or in the daemon that holds the tree.
 *
 * Gather the tree, decide by the verb's effect, apply. A writing verb goes to the daemon when one answers; without one it takes the
 * lock itself, so that everything works with no daemon running.
 */

import { HoldfastError, type Ports } from "../base/index.ts";
import { findTree, type Located, type Tree } from "../tree/index.ts";
import { connectToDaemon } from "./daemon-client.ts";
import { openHouse } from "./house.ts";
import type { CallerContext, Operation, OperationContext } from "./operation.ts";

export interface Request {
  operation: Operation;
  /** As it came from the command line, HTTP or MCP; checked here. */
  raw: Record<string, unknown>;
  caller: CallerContext;
}

export async function perform({ operation, raw, caller }: Request): Promise<unknown> {
  const placed = operation.namesPaths ? { cwd: caller.ports.process.cwd(), ...raw } : raw;
  const prepared = operation.prepare ? await operation.prepare(placed, caller) : placed;
  const input = await parseInput(operation, prepared);
  if (operation.effect === "none" || operation.anywhere?.(input) === true)
    return operation.run(withoutHouse(caller), input);
  const tree = canonicalTree(caller.located, operation);
  if (operation.effect === "read") return performReading(operation, input, tree, caller);
  return (await performInDaemon(operation, prepared, tree, caller)) ?? performAlone(operation, input, tree, caller);
}

/** `USAGE`, with every problem by its name. */
export async function parseInput(operation: Operation, raw: Record<string, unknown>): Promise<unknown> {
  const { options, arguments: named } = operation.command;
  if (!options && !named && Object.keys(raw).length === 0) return {};
  const parsed = (await schemaOf(operation)).safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join(".")}: ${message}` : message,
  );
  throw new HoldfastError("USAGE", `holdfast ${operation.name}: ${problems.join("; ")}`, {
    hint: `holdfast ${operation.name} --help`,
  });
}

const schemas = new WeakMap<Operation, ReturnType<Operation["input"]>>();

/** Made once: a daemon is asked the same again and again, and making a schema costs more than using it. */
async function schemaOf(operation: Operation): Promise<ReturnType<Operation["input"]>> {
  const known = schemas.get(operation);
  if (known !== undefined) return known;
  const made = operation.input((await import("./schema.ts")).schema);
  schemas.set(operation, made);
  return made;
}

export async function locate(dir: string | null, ports: Ports): Promise<Located> {
  return findTree(dir, ports);
}

/** The tree that a verb works on. A copy is only read, and that is said. */
export function canonicalTree(located: Located | null, operation: Pick<Operation, "name" | "effect">): Tree {
  switch (located?.standing) {
    case "canonical":
    case "workspace":
      return located.tree;
    case "copy": {
      const original = located.of[0]!;
      if (operation.effect === "read") return original;
      throw new HoldfastError("TREE_IS_COPY", `${located.root} is a copy of ${original.root}; Holdfast only reads it`, {
        hint: `holdfast ${operation.name} --tree ${original.root}`,
        data: { copy: located.root, canonical: original.root },
      });
    }
    case "moved":
      throw new HoldfastError("TREE_MOVED", `${located.from.root} seems to have moved to ${located.root}`, {
        hint: `holdfast tree adopt ${located.root}`,
        data: { from: located.from.root, to: located.root },
      });
    default:
      throw new HoldfastError("TREE_NOT_FOUND", `${located?.nearest ?? "this folder"} is no tree that Holdfast knows`, {
        hint: "holdfast init",
      });
  }
}

async function performReading(
  operation: Operation,
  input: unknown,
  tree: Tree,
  caller: CallerContext,
): Promise<unknown> {
  const house = await openHouse(tree, caller.ports, { readOnly: true });
  try {
    return await operation.run({ ...caller, tree, house, writer: null }, input);
  } finally {
    house.close();
  }
}

async function performAlone(operation: Operation, input: unknown, tree: Tree, caller: CallerContext): Promise<unknown> {
  const { openWriter } = await import("./writer.ts");
  const writer = await openWriter(tree, caller.ports, { command: `holdfast ${operation.name}` });
  try {
    const output = await operation.run({ ...caller, tree, house: writer.house, writer }, input);
    await writer.engine.drained();
    return output;
  } finally {
    await writer.close();
  }
}

/** `undefined` when no daemon runs. */
async function performInDaemon(
  operation: Operation,
  raw: Record<string, unknown>,
  tree: Tree,
  caller: CallerContext,
): Promise<unknown> {
  const client = await connectToDaemon(tree, caller.ports);
  if (client === null) return undefined;
  const onEvent = (event: unknown) => {
    const progress = (event as { progress?: { what: string; done: number; total: number | null } }).progress;
    if (progress) caller.progress(progress.what, progress.done, progress.total);
    else caller.emit(event);
  };
  try {
    return await client.call(operation.name, { input: raw, actor: caller.actor }, { onEvent, signal: caller.signal });
  } finally {
    client.close();
  }
}

function withoutHouse(caller: CallerContext): OperationContext {
  const refuse = (): never => {
    throw new HoldfastError("TREE_NOT_FOUND", "this verb works without a tree");
  };
  return {
    ...caller,
    writer: null,
    get tree() {
      return refuse();
    },
    get house() {
      return refuse();
    },
  };
}
