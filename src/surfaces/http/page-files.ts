/** The page's own files, as they were built: a handful, known by name, so that no path in a request ever reaches the disk. */

import { join } from "node:path";
import { isSystemError, type Ports } from "../../base/index.ts";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  json: "application/json; charset=utf-8",
};

export interface PageFiles {
  /** `null` where there is none of that name. */
  at(pathname: string): Response | null;
  /** What every address of the page itself answers with. */
  index(): Response;
}

export function openPageFiles(dir: string, ports: Pick<Ports, "disk">): PageFiles {
  const files = new Map(names(dir, ports).map((name) => [`/${name}`, join(dir, name)]));
  const answer = (name: string, path: string) => {
    const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    // Their names hold a hash of what is in them.
    const cache = name.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    return new Response(bytesOf(path, ports), { headers: { "content-type": type, "cache-control": cache } });
  };
  return {
    at(pathname) {
      const path = files.get(pathname);
      return path === undefined ? null : answer(pathname, path);
    },
    index() {
      const path = files.get("/index.html");
      return path === undefined
        ? new Response("The page was not built: npm run build\n", { status: 503 })
        : answer("/index.html", path);
    },
  };
}

function names(dir: string, { disk }: Pick<Ports, "disk">): string[] {
  try {
    return disk.list(dir).names.flatMap(({ name, kind }) => {
      if (kind === "dir") return names(join(dir, name), { disk }).map((below) => `${name}/${below}`);
      return kind === "file" ? [name] : [];
    });
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}

function bytesOf(path: string, { disk }: Pick<Ports, "disk">): Uint8Array<ArrayBuffer> {
  const fd = disk.openRead(path);
  try {
    const bytes = new Uint8Array(disk.fstat(fd).sizeBytes);
    let length = 0;
    while (length < bytes.length) {
      const count = disk.read(fd, bytes, length, bytes.length - length, length);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    disk.close(fd);
  }
}
