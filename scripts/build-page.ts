/**
 * Builds the page: `web/src/main.tsx` and all it imports, into files whose names hold a hash of their content, and the document that
 * names them. Nothing is inline: the daemon's content security policy forbids it.
 */

import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type Metafile } from "esbuild";

export interface BuiltPage {
  /** Path below `dist/` → content. */
  readonly files: ReadonlyMap<string, string>;
  readonly metafile: Metafile;
}

/** `null` where there is no page to build. */
export async function buildPage(root: string): Promise<BuiltPage | null> {
  const entry = join(root, "web", "src", "main.tsx");
  if (!existsSync(entry)) return null;
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: join(root, "dist", "page", "assets"),
    entryNames: "page-[hash]",
    bundle: true,
    format: "esm",
    target: "es2023",
    platform: "browser",
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    charset: "utf8",
    legalComments: "none", // Licence texts stand in THIRD-PARTY-LICENSES.txt.
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const files = new Map(outputFiles.map(({ path, text }) => [`page/assets/${basename(path)}`, text]));
  files.set("page/index.html", documentOf(root, [...files.keys()]));
  files.set("page/icon.svg", readFileSync(join(root, "web", "icon.svg"), "utf8"));
  return { files, metafile };
}

function documentOf(root: string, names: readonly string[]): string {
  const named = (ending: string) => names.find((name) => name.endsWith(ending))!.slice("page".length);
  return readFileSync(join(root, "web", "index.html"), "utf8")
    .replace("%style%", named(".css"))
    .replace("%script%", named(".js"));
}
