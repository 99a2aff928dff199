/**
 * What `bin/holdfast` starts: prepares the process, then loads `dist/main.cjs`. Plain CommonJS, because it is not built.
 *
 * V8's compiled code is kept between runs, a file for each verb and each part of the program, made when the first run of it ends: it
 * holds exactly the functions that this verb calls. (Node's own compile cache keeps what V8 compiles when it reads a file, and that is
 * none of them: 37 against 32 ms for `status`, measured.) It is code, so it lies where only those can write who can write the code,
 * `dist/`; where this user cannot, in the user's own cache folder. Never in a shared temporary folder. V8 ignores what another version
 * of it made, and believes the rest: so each file holds the same bytes twice, and one that a crash tore is not used.
 */
"use strict";

const {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require("node:fs");
const { join } = require("node:path");
const { Script } = require("node:vm");

// The user's own NODE_OPTIONS are not for this process, but its children see them (see bin/holdfast).
if (process.env.HOLDFAST_NODE_OPTIONS !== undefined) {
  process.env.NODE_OPTIONS = process.env.HOLDFAST_NODE_OPTIONS;
  delete process.env.HOLDFAST_NODE_OPTIONS;
}

const dist = join(__dirname, "..", "dist");
const caches = cacheFolder();
/** Without one, nothing is kept. */
const verb = /^[a-z]{2,20}$/.exec(process.argv[2] ?? "help")?.[0];
const modules = new Map();
const compiledNow = [];

// Hooks stand before every command of an agent: theirs is a smaller program.
load(process.argv[2] === "hook" ? "hook.cjs" : "main.cjs");
process.once("exit", keepCompiled);

/** As `require` does, for a file of `dist/`. */
function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(name, module);
  const file = join(dist, name);
  const run = compile(name, file).runInThisContext();
  const requireFrom = (wanted) => (wanted.startsWith("./") ? load(wanted.slice(2)) : require(wanted));
  run.call(module.exports, module.exports, requireFrom, module, file, dist);
  return module.exports;
}

function compile(name, filename) {
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, "latin1")}\n})`;
  // V8 compares no more of the source than its length: only a file whose name tells its content can be kept.
  if (caches === null || verb === undefined || !/-[0-9A-Z]{8}\.cjs$/.test(name))
    return new Script(source, { filename });
  const place = join(caches, `${verb}-${name}.bin`);
  const cachedData = keptAt(place);
  const script = new Script(source, { filename, cachedData });
  if (cachedData === undefined || script.cachedDataRejected) compiledNow.push({ script, place });
  return script;
}

function keptAt(place) {
  try {
    const bytes = readFileSync(place);
    const half = bytes.subarray(0, bytes.length / 2);
    return half.length > 0 && half.equals(bytes.subarray(half.length)) ? half : undefined;
  } catch {
    return undefined;
  }
}

/** At the end, when V8 has compiled what this verb calls. Failing to keep it costs the next run some milliseconds. */
function keepCompiled(exitCode) {
  if (compiledNow.length === 0 || exitCode > 1) return;
  try {
    mkdirSync(caches, { recursive: true, mode: 0o700 });
    for (const { script, place } of compiledNow) {
      const data = script.createCachedData();
      const temporary = `${place}.${process.pid}.tmp`;
      writeFileSync(temporary, Buffer.concat([data, data]), { mode: 0o600 });
      renameSync(temporary, place);
    }
    for (const name of readdirSync(caches)) if (!isOfThisBuild(name)) rmSync(join(caches, name), { force: true });
  } catch {
    for (const { place } of compiledNow) rmSync(`${place}.${process.pid}.tmp`, { force: true });
  }
}

/** `<verb>-<file of dist>.bin` */
function isOfThisBuild(name) {
  return name.endsWith(".tmp") || existsSync(join(dist, name.slice(name.indexOf("-") + 1, -".bin".length)));
}

function cacheFolder() {
  const version = `${process.version}-${process.arch}`;
  try {
    accessSync(dist, constants.W_OK);
    return join(dist, "compile-cache", version);
  } catch {
    const { XDG_CACHE_HOME, HOME } = process.env;
    if (process.platform === "darwin") return HOME ? join(HOME, "Library", "Caches", "holdfast", version) : null;
    if (XDG_CACHE_HOME?.startsWith("/")) return join(XDG_CACHE_HOME, "holdfast", version);
    return HOME ? join(HOME, ".cache", "holdfast", version) : null;
  }
}
