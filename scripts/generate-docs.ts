/**
 * Writes the documents that are made from the code, so that they cannot say anything else. `--check` writes nothing and fails when
 * one is stale. A new document is a new entry in `GENERATORS`.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

interface Generator {
  /** From the package's root. */
  readonly path: string;
  generate(root: string): Promise<string> | string;
}

const GENERATORS: readonly Generator[] = [
  { path: "docs/cli.md", generate: cliPage },
  { path: "docs/errors.md", generate: errorsPage },
  { path: "docs/events.md", generate: eventsPage },
  { path: "docs/openapi.json", generate: openApiDocument },
];

/** Compares each document with what its generator says now, writes those that differ unless `check`, and returns their paths. */
export async function refreshDocs(root: string, options: { check: boolean }): Promise<string[]> {
  const stale: string[] = [];
  for (const { path, generate } of GENERATORS) {
    const text = await generate(root);
    if (readOrNull(join(root, path)) === text) continue;
    stale.push(path);
    if (options.check) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return stale;
}

/** Every verb's own `--help`, in the catalog's order. */
async function cliPage(): Promise<string> {
  const [{ CATALOG }, { parseCommand }] = await Promise.all([
    import("../src/operations/catalog.ts"),
    import("../src/surfaces/cli/command.ts"),
  ]);
  const sections: string[] = [];
  for (const { name, load } of CATALOG) {
    const parsed = await parseCommand(await load(), ["--help"]);
    if (!("help" in parsed)) throw new Error(`holdfast ${name} --help is no help`);
    sections.push(`## holdfast ${name}\n\n\`\`\`text\n${parsed.help.trimEnd()}\n\`\`\`\n`);
  }
  return page({
    title: "Command line",
    source: "src/operations/catalog.ts and the verbs it names",
    intro:
      "Every verb takes `--json` (one document on stdout, nothing else there), `--tree DIR` and `--help`. Exit codes are in formats.md, the codes of\nfailures in errors.md.",
    body: sections.join("\n"),
  });
}

async function openApiDocument(): Promise<string> {
  const { openApi } = await import("../src/surfaces/http/openapi.ts");
  const about = readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8");
  const { version } = JSON.parse(about) as { version: string };
  return `${JSON.stringify(await openApi(version), null, 2)}\n`;
}

async function errorsPage(root: string): Promise<string> {
  const { ERROR_CODES } = (await import(
    join(root, "src/base/error-codes.ts")
  )) as typeof import("../src/base/error-codes.ts");
  const rows = Object.entries(ERROR_CODES).map(
    ([name, { kind, about, hint }]) => `| \`${name}\` | ${kind} | ${cell(about)} | ${cell(hint)} |`,
  );
  return page({
    title: "Error codes",
    source: "src/base/error-codes.ts",
    intro:
      "Every failure that Holdfast reports has one of these codes. The kind decides the exit code and the HTTP status; the hint stands\nunder the message unless the failure knows a better one.",
    body: table(["code", "kind", "meaning", "hint"], rows),
  });
}

/** Reads the types with TypeScript's own parser: the events' data exists only there. */
function eventsPage(root: string): string {
  const path = "src/ledger/events.ts";
  const file = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);
  const events = file.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === "EventData");
  if (!events) throw new Error(`${path} declares no interface EventData`);
  const rows = events.members.filter(ts.isPropertySignature).map((event) => {
    const says = docOf(event);
    return `| \`${literalName(event.name)}\` | ${dataShape(event.type)}${says ? `<br>${cell(says)}` : ""} |`;
  });
  const shapes = file.statements
    .filter((statement) => ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
    .filter(({ name }) => ["PathChange", "StateSummary", "TestOutcome", "Actor", "LedgerRecord"].includes(name.text))
    .map((statement) => statement.getFullText().trim());
  return page({
    title: "Ledger events",
    source: path,
    intro:
      "The closed union of what a ledger record's `event` can be, with the shape of its `data`. Digests are `sha256:…` and name bytes in the\nvault; names that end in `Ms` are milliseconds.",
    body: `${table(["event", "data"], rows)}\n## Shapes\n\n\`\`\`ts\n${shapes.join("\n\n")}\n\`\`\`\n`,
  });
}

/** An event's data as one line: `{ reason: string }`; comments inside it become their fields' explanation. */
function dataShape(type: ts.TypeNode | undefined): string {
  if (!type || !ts.isTypeLiteralNode(type) || type.members.length === 0) return "–";
  const members = type.members.filter(ts.isPropertySignature);
  const fields = members.map(
    (member) =>
      `${member.name.getText()}${member.questionToken ? "?" : ""}: ${oneLine(member.type?.getText() ?? "unknown")}`,
  );
  const remarks = members
    .filter((member) => docOf(member))
    .map((member) => `<br>\`${member.name.getText()}\`: ${cell(docOf(member))}`);
  return `\`{ ${fields.join("; ").replaceAll("|", "\\|")} }\`${remarks.join("")}`;
}

function docOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .map((doc) => oneLine(ts.getTextOfJSDocComment(doc.comment) ?? ""))
    .join(" ");
}

function literalName(name: ts.PropertyName): string {
  return ts.isStringLiteral(name) ? name.text : name.getText();
}

function page({ title, source, intro, body }: { title: string; source: string; intro: string; body: string }): string {
  return `<!-- Generated from ${source} by \`npm run docs\`. Do not edit. -->\n\n# ${title}\n\n${intro}\n\n${body}`;
}

function table(head: string[], rows: string[]): string {
  return `| ${head.join(" | ")} |\n|${"---|".repeat(head.length)}\n${rows.join("\n")}\n`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "\\<");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // It was never generated: stale like any other.
  }
}

if (import.meta.main) {
  const check = process.argv.includes("--check");
  const stale = await refreshDocs(resolve(import.meta.dirname, ".."), { check });
  for (const path of stale)
    console.log(check ? `${path} is stale: run \`npm run docs\` and commit it` : `wrote ${path}`);
  if (check && stale.length > 0) process.exitCode = 1;
}
