/**
 * The paragraph for `AGENTS.md` and `CLAUDE.md`: what an agent should know of Holdfast before it says that something was never there.
 *
 * `init` offers it, and adds it only when it is asked to: the files are their owner's. A file that has it already is left alone.
 */

import { HoldfastError, type TreePath } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import { bytesAt, entryAt, replaceFile } from "../workorder/index.ts";
import type { Style } from "./operation.ts";
import type { Writer } from "./writer.ts";

const AGENTS_NOTE = `## Holdfast guards this tree

- Before you say that something is missing, broken or never existed, run \`holdfast diagnose <path>\` (or call the MCP tool \`diagnose\`), and go by its verdict.
- Bring back what was lost with \`holdfast restore <path>\`; do not write it anew. Nothing is lost by it.
- Run what takes files away (\`git clean\`, \`git reset --hard\`, \`rsync --delete\`) as \`holdfast exec -- <command>\`.
`;

/** By what it is recognised, also after somebody edited the rest. */
const TITLE = "## Holdfast guards this tree";
const NAMES = ["AGENTS.md", "CLAUDE.md"] as const;

interface NoteForAgents {
  text: string;
  /** `null`: nobody asked for it. */
  added: string[] | null;
  /** Where it could be added. */
  missing: string[];
}

export async function noteForAgents(writer: Writer, asked: boolean, actor: Actor): Promise<NoteForAgents> {
  const added = asked ? await addAgentsNote(writer, actor) : null;
  return { text: AGENTS_NOTE, added, missing: filesWithoutNote(writer.house).map(({ name }) => name) };
}

export function noteLines({ text, added, missing }: NoteForAgents, style: Style): string[] {
  if (added === null) {
    const offer = `  a paragraph in ${missing.join(" and ")} tells agents of it  ${style.accent("→ holdfast init --agents-note")}`;
    return missing.length === 0 ? [] : [offer];
  }
  if (added.length === 0) return [];
  const lines = text.trimEnd().split("\n");
  return [
    `${style.good("✓")} agents are told in ${added.join(" and ")}`,
    ...lines.map((line) => style.dim(`  │ ${line}`)),
  ];
}

interface AgentsFile {
  readonly name: string;
  readonly text: string;
}

/** Those of the two files that are there and do not have it, `AGENTS.md` where none is. */
function filesWithoutNote(house: Writer["house"]): AgentsFile[] {
  const there = NAMES.flatMap((name) => {
    const text = textOf(name, house);
    return text === null ? [] : [{ name, text }];
  });
  return there.length === 0 ? [{ name: NAMES[0], text: "" }] : there.filter((file) => lacksNote(file, there));
}

/** Puts it at their end. Returns which were changed. */
async function addAgentsNote({ house, engine }: Pick<Writer, "house" | "engine">, actor: Actor): Promise<string[]> {
  const wanted = filesWithoutNote(house);
  for (const { name, text } of wanted) {
    const gap = text === "" ? "" : text.endsWith("\n") ? "\n" : "\n\n";
    const content = Buffer.from(`${text}${gap}${AGENTS_NOTE}`);
    await replaceFile({ path: name as TreePath, content }, house).finally(() => engine.settle());
  }
  const files = wanted.map(({ name }) => name);
  if (files.length > 0)
    house.store.transaction(() =>
      house.ledger.append({
        event: "tree.agents-told",
        actor,
        paths: files,
        data: { files },
        summary: `a paragraph about Holdfast was added to ${files.join(" and ")}`,
      }),
    );
  return files;
}

/** One that takes in the other (`@AGENTS.md`) says the same by that. */
function lacksNote({ name, text }: AgentsFile, there: readonly AgentsFile[]): boolean {
  return !text.includes(TITLE) && !there.some((other) => other.name !== name && text.includes(`@${other.name}`));
}

/** `null` for what is not there, or is a link: what it points to is told. */
function textOf(name: string, { ports, places }: Writer["house"]): string | null {
  const path = places.absolute(name as TreePath);
  const entry = entryAt(ports.disk, path);
  if (entry.kind !== "file") return null;
  const bytes = bytesAt(ports.disk, path);
  const text = bytes.toString("utf8");
  if (!Buffer.from(text).equals(bytes))
    throw new HoldfastError("TREE_UNSUITABLE", `${name} is no UTF-8 text`, { hint: "add the paragraph by hand" });
  return text;
}
