/**
 * Builds `dist/`: what `bin/start.cjs` runs and what the package ships. Every dependency is bundled; only Node comes from outside.
 *
 * Two passes. esbuild splits code only into ES modules, and Node starts CommonJS faster: so the first pass bundles and splits
 * (each `import()` becomes a chunk of its own, shared modules stay one instance), the second turns each file into CommonJS, where
 * `import()` is a `require` that runs when it is reached.
 *
 * Another process may be starting from `dist/` meanwhile: files appear by rename, chunks before the entries that name them, and
 * chunks of older builds stay for an hour, for a daemon that has still to load some. `--clean` (packing) removes them at once.
 */

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build, formatMessages, type Metafile, type OutputFile, transform } from "esbuild";
import { buildPage } from "./build-page.ts";
import { inOneFile } from "./in-one-file.ts";
import { throughDoors } from "./through-doors.ts";

/** Sources that start a process or a worker; those that exist are built, each to `dist/<name>.cjs`. */
const MAIN = "main";
/** Built apart: a worker is a world of its own, shares nothing with the process, and starts with one file. */
const WORKER = "worker";
/** Built apart: it starts before every command of an agent, and what it shares with the verbs would be loaded with what only they need. */
const HOOK = "hook";
/** What every verb loads, and the verb that is called most. */
const START = ["platform/index.ts", "surfaces/index.ts", "operations/verbs/status.ts"];
const STALE_AFTER_MS = 3_600_000;
/** `ascii`: `bin/start.cjs` reads a byte as a character; V8 keeps such a source in half the memory. */
const TARGET = { platform: "node", target: "node24", charset: "ascii", legalComments: "none" } as const;

/** Builds the package at `root`. Rejects, leaving `dist/` as it was, when the source cannot be bundled. */
export async function buildPackage(
  root: string,
  options: { clean: boolean },
): Promise<{ files: number; bytes: number }> {
  const main = join(root, "src", `${MAIN}.ts`);
  if (!existsSync(main)) throw new Error(`Nothing to build: ${main} does not exist`);
  const bundled = await bundle(root, main, "");
  const files = await packed(
    root,
    bundled,
    START.map((file) => join("src", file)),
  );
  const bundles = [bundled.metafile];
  const worker = join(root, "src", `${WORKER}.ts`);
  if (existsSync(worker)) {
    const own = await bundle(root, worker, `${WORKER}-`);
    for (const [name, text] of await packed(root, own, [], `${WORKER}-`)) files.set(name, text);
    bundles.push(own.metafile);
  }
  const hook = join(root, "src", `${HOOK}.ts`);
  if (existsSync(hook)) {
    const own = await bundle(root, hook, `${HOOK}-`);
    for (const [name, text] of withHashedEntry(await packed(root, own, [join("src", `${HOOK}.ts`)], `${HOOK}-`)))
      files.set(name, text);
  }
  const page = await buildPage(root);
  for (const [name, text] of page?.files ?? []) files.set(name, text);
  if (page !== null) bundles.push(page.metafile);
  files.set("THIRD-PARTY-LICENSES.txt", thirdPartyLicenses(root, bundles));
  install(join(root, "dist"), files, options);
  return { files: files.size, bytes: [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0) };
}

type Bundled = Awaited<ReturnType<typeof bundle>>;

/** What a bundle becomes: CommonJS, its small chunks in two files; `start`: sources whose code is loaded at each start. */
async function packed(
  root: string,
  { outputFiles, metafile, warnings }: Bundled,
  start: readonly string[],
  prefix = "",
): Promise<Map<string, string>> {
  for (const warning of await formatMessages(warnings, { kind: "warning" })) console.warn(warning);
  const chunks = new Map<string, string>();
  // Chunks first: an entry that can be loaded finds everything that it names.
  for (const file of outputFiles.sort((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)))) {
    chunks.set(file.path.slice(join(root, "dist").length + 1), await toCommonJs(file));
  }
  const atStart = loadedBy(start, metafile);
  return inOneFile(chunks, {
    isEntry: (name) => isEntry(`/dist/${name}`),
    isAtStart: (name) => atStart.has(`dist/${name}`),
    prefix,
  });
}

/** Compiled code is kept by names that tell the content: the entry itself only names the file that holds it. */
function withHashedEntry(files: Map<string, string>): Map<string, string> {
  const text = files.get(`${HOOK}.cjs`) ?? "";
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  const name = `${HOOK}-main-${hash}.cjs`;
  files.delete(`${HOOK}.cjs`);
  return files.set(name, text).set(`${HOOK}.cjs`, `"use strict";\nrequire("./${name}");\n`);
}

function bundle(root: string, entryPoint: string, prefix: string) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return build({
    ...TARGET,
    absWorkingDir: root,
    entryPoints: [entryPoint],
    outdir: join(root, "dist"),
    outExtension: { ".js": ".cjs" },
    chunkNames: `${prefix}[name]-[hash]`, // All in one folder: `import.meta.dirname` is `dist` wherever code ends up.
    format: "esm",
    bundle: true,
    splitting: true,
    treeShaking: true,
    plugins: [throughDoors(root)],
    // Its other form looks for its parts when it runs.
    alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" },
    define: { HOLDFAST_VERSION: JSON.stringify(version) },
    write: false,
    metafile: true,
    logLevel: "silent", // Errors reject, warnings are printed by the caller.
  });
}

async function toCommonJs(file: OutputFile): Promise<string> {
  const { code } = await transform(file.text, {
    ...TARGET,
    format: "cjs",
    supported: { "dynamic-import": false },
    define: {
      "import.meta.dirname": "__dirname",
      "import.meta.filename": "__filename",
      "import.meta.url": "__moduleUrl",
    },
    banner: file.text.includes("import.meta.url")
      ? 'const __moduleUrl = require("node:url").pathToFileURL(__filename).href;'
      : "",
    sourcefile: file.path,
    logLevel: "silent", // The first pass has told of everything already.
  });
  // What is left of other characters stands in comments.
  return loadBuiltinsWhenUsed(code).replace(/[^\x00-\x7f]/g, "?");
}

/** A namespace of Node's own is the module itself: esbuild would copy it, getter by getter, in each file that names it. */
const NAMESPACE = /^(var \w+ = )__toESM\((require\("node:[^"]+"\))\);$/gm;
const BUILTIN = /^var (import_node_\w+) = (?:__toESM\()?require\("(node:[^"]+)"\)\)?;$/gm;

/**
 * Node compiles its own modules when they are first required, `node:crypto` and `node:net` for some 5 ms each: they are required where
 * they are used. Only for named imports, whose variables esbuild names itself (`import_node_net`).
 */
function loadBuiltinsWhenUsed(built: string): string {
  const code = built.replace(NAMESPACE, (line, start: string, module: string) =>
    /^var import_node_/.test(line) || isDefaultUsed(built, start) ? line : `${start}${module};`,
  );
  // A default import (`import process from "node:process"`) needs esbuild's interop around the module: it stays as it is.
  const found = [...code.matchAll(BUILTIN)].filter(([, name]) => !code.includes(`${name}.default`));
  let lazy = found.reduce((text, [line]) => text.replace(line, ""), code);
  for (const [, name] of found) lazy = lazy.replace(new RegExp(`\\b${name}\\b`, "g"), `(${name}())`);
  const functions = found.map(
    ([, name, module]) => `const ${name} = ((loaded) => () => (loaded ??= require("${module}")))();`,
  );
  return functions.length === 0 ? code : `${functions.join("\n")}\n${lazy}`;
}

/** The outputs that these sources, where they are entries of their own, load at once. */
function loadedBy(sources: readonly string[], { outputs }: Metafile): Set<string> {
  const loaded = new Set<string>();
  const pending = Object.keys(outputs).filter((name) => sources.includes(outputs[name]!.entryPoint ?? ""));
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (loaded.has(name)) continue;
    loaded.add(name);
    for (const { path, kind } of outputs[name]?.imports ?? []) if (kind === "import-statement") pending.push(path);
  }
  return loaded;
}

function isDefaultUsed(code: string, declaration: string): boolean {
  const name = declaration.slice("var ".length, -" = ".length);
  return new RegExp(`\\b${name}\\.default\\b`).test(code);
}

function isEntry(path: string): boolean {
  return [MAIN, WORKER, HOOK].some((name) => path.endsWith(`/dist/${name}.cjs`));
}

function install(dist: string, files: ReadonlyMap<string, string>, options: { clean: boolean }): void {
  const now = new Date();
  mkdirSync(dist, { recursive: true });
  for (const [name, text] of files) {
    const temporary = join(dist, `${name}.${process.pid}.tmp`);
    mkdirSync(dirname(temporary), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, join(dist, name));
  }
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    const path = join(dist, name);
    if (files.has(name) || !statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    if (options.clean || now.getTime() - statSync(path).mtimeMs > STALE_AFTER_MS) rmSync(path, { force: true });
  }
  for (const name of files.keys()) utimesSync(join(dist, name), now, now);
}

/** The licence texts of every package that a bundle contains, as their licences ask for. */
function thirdPartyLicenses(root: string, bundles: readonly Metafile[]): string {
  const folders = new Set<string>();
  for (const output of bundles.flatMap(({ outputs }) => Object.values(outputs))) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (folder && bytesInOutput > 0) folders.add(folder);
    }
  }
  const sections = [...folders].map((folder) => licenseOf(resolve(root, folder))).sort();
  return `Holdfast is distributed together with parts of these packages.\n\n${sections.join("\n")}`;
}

function licenseOf(folder: string): string {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name));
  const text = file
    ? readFileSync(join(folder, file), "utf8").trim()
    : `(The package contains no licence text; it states: ${about.license})`;
  return `${"=".repeat(80)}\n${about.name} ${about.version} – ${about.license ?? "licence not stated"}\n\n${text}\n`;
}

if (import.meta.main) {
  const startedMs = performance.now();
  const { files, bytes } = await buildPackage(resolve(import.meta.dirname, ".."), {
    clean: process.argv.includes("--clean"),
  });
  console.log(
    `built dist/: ${files} files, ${Math.round(bytes / 1000)} kB, in ${Math.round(performance.now() - startedMs)} ms`,
  );
}
