/** What style.md asks of every file and a machine can see. Each rule takes one parsed file and returns what is wrong in it. */

import ts from "typescript";

export interface SourceFile {
  /** From the package's root, `/`-separated. */
  readonly path: string;
  readonly text: string;
}

export interface Finding {
  readonly rule: RuleName;
  readonly path: string;
  readonly line: number;
  readonly says: string;
}

export type RuleName = keyof typeof RULES;

/** All findings in `file`, in the order of its lines. */
export function findingsIn(file: SourceFile): Finding[] {
  const parsed = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const findings: Finding[] = [];
  for (const [rule, check] of Object.entries(RULES)) {
    check(parsed, (position, says) => {
      const line = parsed.getLineAndCharacterOfPosition(position).line + 1;
      findings.push({ rule: rule as RuleName, path: file.path, line, says });
    });
  }
  return findings.sort((a, b) => a.line - b.line);
}

type Report = (position: number, says: string) => void;
type Rule = (file: ts.SourceFile, report: Report) => void;

const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 70;

const RULES = {
  "real-world": realWorld,
  "file-length": fileLength,
  "function-length": functionLength,
  "file-name": fileName,
  "default-export": defaultExport,
  "head-comment": headComment,
  "lean-import": leanImport,
} satisfies Record<string, Rule>;

// ---------------------------------------------------------------------------------------------------- the real world

const MODULE_PORTS: Record<string, string> = {
  "node:fs": "the port `Disk`",
  "node:fs/promises": "the port `Disk`",
  "node:child_process": "`ProcessPort.run`",
  "node:net": "the room `protocol` with what platform hands in",
  "node:sqlite": "the port `StorePort`",
};
const NAME_PORTS: Record<string, string> = {
  "process.env": "`ProcessPort.env`",
  "process.exit": "a thrown `HoldfastError` (the roots exit)",
  "process.cwd": "`ProcessPort.cwd`",
  "Date.now": "`Clock.now`",
  "new Date()": "`Clock.now`",
  "Math.random": "the port `Random`",
  console: "the port `Log`, or the operation's result",
};

/** Only platform/ and the roots touch the real world; everybody else is handed a port of `src/base/ports.ts`. */
function realWorld(file: ts.SourceFile, report: Report): void {
  if (
    !file.fileName.startsWith("src/") ||
    /^src\/(platform\/|main\.ts|hook\.ts|worker\.ts)/.test(file.fileName) ||
    isTest(file)
  )
    return;
  const ownNames = declaredNames(file);
  const found = (node: ts.Node, what: string, port: string) =>
    report(node.getStart(), `${what} is platform's alone: use ${port}`);
  walk(file, (node) => {
    const module = importedModule(node);
    if (module && MODULE_PORTS[module]) return found(node, module, MODULE_PORTS[module]);
    if (ts.isNewExpression(node) && node.expression.getText() === "Date" && !node.arguments?.length) {
      return found(node, "new Date()", NAME_PORTS["new Date()"]!);
    }
    if (!ts.isIdentifier(node) || ownNames.has(node.text) || !isReference(node)) return;
    const whole = ts.isPropertyAccessExpression(node.parent) ? `${node.text}.${node.parent.name.text}` : node.text;
    const name = [node.text, whole].find((candidate) => NAME_PORTS[candidate] !== undefined);
    if (name) found(node, name, NAME_PORTS[name]!);
  });
}

/** The module that an import, a re-export, an `import()` or a `require` names; `import type` brings nothing in at run time. */
function importedModule(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return null;
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
    return literal(node.moduleSpecifier);
  if (!ts.isCallExpression(node) || !node.arguments[0]) return null;
  const callee = node.expression.getText();
  return node.expression.kind === ts.SyntaxKind.ImportKeyword ||
    callee === "require" ||
    callee === "process.getBuiltinModule"
    ? literal(node.arguments[0])
    : null;
}

function literal(node: ts.Expression): string | null {
  return ts.isStringLiteralLike(node) ? node.text.replace(/^(fs|child_process|net)$/, "node:$1") : null;
}

/** Names that the file itself binds, such as `process` in `function f({ process }: Ports)`. */
function declaredNames(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  walk(file, (node) => {
    if (
      (ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node)) &&
      ts.isIdentifier(node.name)
    )
      names.add(node.name.text);
  });
  return names;
}

/** False where an identifier is only a member's, a property's or a type's name. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return !(
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    ts.isPropertySignature(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isTypeNode(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent) ||
    (ts.isQualifiedName(parent) && parent.right === node)
  );
}

// ------------------------------------------------------------------------------------------------------------- shape

function fileLength(file: ts.SourceFile, report: Report): void {
  const lines = file.text.trimEnd().split("\n").length;
  if (lines > FILE_LINES_MAX)
    report(0, `${lines} lines; a file ends by ${FILE_LINES_MAX}: it holds two things, or more`);
}

function functionLength(file: ts.SourceFile, report: Report): void {
  if (isTest(file)) return; // A `describe` is a function too.
  walk(file, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) return;
    const first = file.getLineAndCharacterOfPosition(node.getStart()).line;
    const lines = file.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1;
    if (lines > FUNCTION_LINES_MAX)
      report(node.getStart(), `a function of ${lines} lines; functions end by ${FUNCTION_LINES_MAX}`);
  });
}

function fileName(file: ts.SourceFile, report: Report): void {
  for (const segment of file.fileName.split("/")) {
    const stem = segment.replace(/(\.(test|config))?\.ts$/, "");
    if (!/^\.?[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) report(0, `"${segment}" is not kebab-case`);
    if (/^(utils?|helpers?|common|types|misc)$/.test(stem))
      report(0, `"${segment}" says nothing: what is in it gets a noun and a home`);
  }
}

function defaultExport(file: ts.SourceFile, report: Report): void {
  if (file.fileName.endsWith(".config.ts")) return; // The tool asks for one.
  walk(file, (node) => {
    const named =
      ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
    const renamed = ts.isExportSpecifier(node) && node.name.text === "default";
    if (named || renamed || ts.isExportAssignment(node)) report(node.getStart(), "exports have names");
  });
}

/** The head is the file's first comment, or the docstring of what stands first after the imports. */
function headComment(file: ts.SourceFile, report: Report): void {
  if (!file.fileName.startsWith("src/") || isTest(file)) return;
  const first = file.statements.find((statement) => !ts.isImportDeclaration(statement));
  if (file.text.startsWith("/**") || (first && ts.getJSDocCommentsAndTags(first).length > 0)) return;
  report(0, "begins without a head: what the file is for, its invariants, what a crash leaves");
}

/** What costs a start of Holdfast dearly when it is imported the wrong way. */
function leanImport(file: ts.SourceFile, report: Report): void {
  if (!file.fileName.startsWith("src/")) return;
  walk(file, (node) => {
    if (!ts.isImportDeclaration(node) || importedModule(node) !== "zod") return;
    const bindings = node.importClause?.namedBindings;
    if (bindings && ts.isNamespaceImport(bindings)) return;
    report(
      node.getStart(),
      'write `import * as z from "zod"`: `{ z }` keeps every locale in the bundle and costs each start 26 ms',
    );
  });
}

/** Tests, and what only they use (`x-fixture.ts`): the layers keep shipped code from importing either. */
function isTest(file: ts.SourceFile): boolean {
  return /(\.test|-fixture)\.ts$/.test(file.fileName) || file.fileName.startsWith("test/");
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}
