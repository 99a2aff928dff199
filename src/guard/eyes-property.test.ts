/** After any operations and a quiet moment, the vault's last states are the tree. */

import * as fs from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type EyesWorld, eyesWorld } from "./eyes-fixture.ts";

const anyPath = fc
  .array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join("/"));
const anyOperation = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant("write" as const), anyPath, fc.string({ maxLength: 8 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("append" as const), anyPath, fc.string({ maxLength: 8 })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("mkdir" as const), anyPath) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("rename" as const), anyPath, anyPath) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("remove" as const), anyPath) },
  fc.tuple(fc.constant("chmod" as const), anyPath, fc.constantFrom(0o600, 0o644, 0o755, 0o700)),
  fc.tuple(fc.constant("symlink" as const), fc.constantFrom("a", "../b", "none"), anyPath),
  fc.tuple(fc.constant("link" as const), anyPath, anyPath),
  fc.tuple(fc.constant("truncate" as const), anyPath),
  { weight: 2, arbitrary: fc.tuple(fc.constant("pause" as const), fc.constantFrom(0, 1, 5, 30, 120)) },
);
type Operation = typeof anyOperation extends fc.Arbitrary<infer One> ? One : never;

it("after any operations and a quiet moment, the vault's last states are the tree", { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(anyOperation, { maxLength: 20 }), { minLength: 2, maxLength: 5 }),
      async (phases) => {
        const world = eyesWorld({ before: plant });
        try {
          await world.eyes.start();
          for (const phase of phases) {
            for (const operation of phase) await perform(operation, world.root);
            await world.eyes.remembered();
            compare(world);
          }
        } finally {
          await world.end();
        }
      },
    ),
    { numRuns: Number(process.env["HOLDFAST_RUNS"] ?? 12) },
  );
});

/** Folders in folders, so that most operations meet something. */
function plant(root: string): void {
  for (const one of ["a", "b", "c"])
    for (const two of ["a", "b", "c"]) {
      fs.mkdirSync(join(root, one, two), { recursive: true });
      for (const three of ["a", "b"]) fs.writeFileSync(join(root, one, two, three), `${one}${two}${three}`);
    }
}

function compare(world: EyesWorld): void {
  const states = [...world.vault.statesAt()].map(({ path, entry }) => [path, entry]);
  const known = Object.fromEntries(
    states.map(([path, entry]) => [path, shown(entry as never, (digest) => world.vault.read(digest as never))]),
  );
  expect(known).toEqual(pictureOf(world.root));
  // Handed over: the changes of each path, one after the other, end in what stands there.
  const told = new Map<string, unknown>();
  for (const { changes } of world.settled) for (const { path, after } of changes) told.set(path, after.kind);
  for (const [path, kind] of told) expect([path, kind]).toEqual([path, known[path]?.split(" ")[0] ?? "absent"]);
  expect([...told].filter(([, kind]) => kind !== "absent").length).toBe(Object.keys(known).length);
}

async function perform(operation: Operation, root: string): Promise<void> {
  const at = (path: string) => join(root, path);
  try {
    switch (operation[0]) {
      case "write":
        return fs.writeFileSync(at(operation[1]), operation[2]);
      case "append":
        return fs.appendFileSync(at(operation[1]), operation[2]);
      case "mkdir":
        return void fs.mkdirSync(at(operation[1]), { recursive: true });
      case "rename":
        return fs.renameSync(at(operation[1]), at(operation[2]));
      case "remove":
        return fs.rmSync(at(operation[1]), { recursive: true });
      case "chmod":
        if (fs.lstatSync(at(operation[1])).isSymbolicLink()) return;
        return fs.chmodSync(at(operation[1]), operation[2]);
      case "symlink":
        return fs.symlinkSync(operation[1], at(operation[2]));
      case "link":
        return fs.linkSync(at(operation[1]), at(operation[2]));
      case "truncate":
        return fs.truncateSync(at(operation[1]));
      case "pause":
        return await new Promise((resolve) => setTimeout(resolve, operation[1]));
    }
  } catch (error) {
    // Nothing there, a file in the way, a folder moved into itself: then nothing happens.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

function pictureOf(root: string, below = ""): Record<string, string> {
  const picture: Record<string, string> = {};
  for (const name of fs.readdirSync(join(root, below))) {
    const path = below === "" ? name : `${below}/${name}`;
    const stat = fs.lstatSync(join(root, path));
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) picture[path] = `link ${fs.readlinkSync(join(root, path))}`;
    else if (stat.isFile()) picture[path] = `file ${mode} ${fs.readFileSync(join(root, path), "utf8")}`;
    else Object.assign(picture, { [path]: `dir ${mode}` }, pictureOf(root, path));
  }
  return picture;
}

function shown(
  entry: { kind: string; mode?: number; target?: string; digest?: string },
  read: (digest: string) => Buffer,
): string {
  if (entry.kind === "link") return `link ${entry.target}`;
  const mode = entry.mode!.toString(8);
  return entry.kind === "dir" ? `dir ${mode}` : `file ${mode} ${read(entry.digest!).toString()}`;
}
