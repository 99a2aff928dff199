/**
 * Lets a bundle hold only what is used of a room.
 *
 * Rooms are imported through their `index.ts`. esbuild assigns code to chunks file by file, and a door reaches every file of its room:
 * a verb that needs one function would load them all. This plugin replaces `import { a } from "../room/index.ts"` by an import
 * from the file that has `a`. Sources keep the door; only the bundle looks behind it.
 */

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Plugin } from "esbuild";

const STATEMENT = /^(import|export) \{([^}]*)\} from "(\.[^"]*\/index\.ts)";$/gm;
const RE_EXPORT = /^export (type )?\{([^}]*)\} from "(\.[^"]*)";$/gm;

export function throughDoors(root: string): Plugin {
  const doors = new Map<string, Map<string, { file: string; name: string }>>();
  const source = new RegExp(`^${join(root, "src").replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}/.*\\.ts$`);
  return {
    name: "through-doors",
    setup(build) {
      build.onLoad({ filter: source }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const contents = path.endsWith("/index.ts")
          ? text
          : text.replace(STATEMENT, (...match) => direct(path, match as unknown as string[]));
        return { contents, loader: "ts" };
      });
    },
  };

  function direct(path: string, [statement, keyword, names, door]: string[]): string {
    const behind = doorOf(join(dirname(path), door!));
    const lines: string[] = [];
    for (const specifier of specifiersOf(names!)) {
      if (specifier.isType) continue;
      const found = behind.get(specifier.name);
      // What the door defines itself, or passes on as a whole (`export *`), stays with the door.
      const from = found ? relativeTo(path, found.file) : door;
      lines.push(`${keyword} { ${found?.name ?? specifier.name} as ${specifier.local} } from "${from}";`);
    }
    // One line in, one line out: positions in messages stay right.
    return lines.join(" ") + "\n".repeat(statement!.split("\n").length - 1);
  }

  function doorOf(index: string): Map<string, { file: string; name: string }> {
    let behind = doors.get(index);
    if (behind) return behind;
    behind = new Map();
    doors.set(index, behind);
    for (const [, isType, names, file] of readFileSync(index, "utf8").matchAll(RE_EXPORT)) {
      if (isType) continue;
      const path = join(dirname(index), file!);
      // A door may pass on what stands behind another door.
      const further = path.endsWith("/index.ts") ? doorOf(path) : null;
      for (const { name, local, isType: onlyType } of specifiersOf(names!)) {
        if (!onlyType) behind.set(local, further?.get(name) ?? { file: path, name });
      }
    }
    return behind;
  }
}

function specifiersOf(names: string): { name: string; local: string; isType: boolean }[] {
  return names
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((text) => {
      const isType = text.startsWith("type ");
      const [name, local] = text.replace(/^type /, "").split(" as ");
      return { name: name!, local: local ?? name!, isType };
    });
}

function relativeTo(from: string, to: string): string {
  const path = relative(dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}
