/**
 * What `bin/holdfast` starts: prepares the process, then loads `dist/main.cjs`. Plain CommonJS, because it is not built.
 *
 * V8's compiled code is kept between runs: 11 of 83 ms for a verb that needs 0.5 MB of code (measured). It is code, so it lies where
 * only those can write who can write the code, `dist/`; where this user cannot, in the user's own cache folder. Never in a shared
 * temporary folder. A cache that is missing, damaged or of another version is ignored by V8.
 */
"use strict";

const { accessSync, constants } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");

// The user's own NODE_OPTIONS are not for this process, but its children see them (see bin/holdfast).
if (process.env.HOLDFAST_NODE_OPTIONS !== undefined) {
  process.env.NODE_OPTIONS = process.env.HOLDFAST_NODE_OPTIONS;
  delete process.env.HOLDFAST_NODE_OPTIONS;
}

const dist = join(__dirname, "..", "dist");
const folder = cacheFolder();
if (folder !== null) enableCompileCache({ directory: folder, portable: true });

require("../dist/main.cjs");

function cacheFolder() {
  try {
    accessSync(dist, constants.W_OK);
    return join(dist, "compile-cache");
  } catch {
    const { XDG_CACHE_HOME, HOME } = process.env;
    if (process.platform === "darwin") return HOME ? join(HOME, "Library", "Caches", "holdfast") : null;
    if (XDG_CACHE_HOME?.startsWith("/")) return join(XDG_CACHE_HOME, "holdfast");
    return HOME ? join(HOME, ".cache", "holdfast") : null;
  }
}
