/** What only the real disk has; the rest is `test/conformance/disk.test.ts`. */

import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { realDisk } from "./disk.ts";

const disk = realDisk();
let dir: string;

beforeEach(() => {
  dir = fs.mkdtempSync(join(tmpdir(), "holdfast-platform-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

it.runIf(process.platform === "linux")(
  "tells names that are not UTF-8 apart, and takes a real U+FFFD for what it is",
  () => {
    fs.writeFileSync(Buffer.concat([Buffer.from(`${dir}/caf`), Buffer.from([0xe9])]), "");
    fs.writeFileSync(join(dir, "really \ufffd"), "");
    fs.mkdirSync(join(dir, "plain"));
    const { names, undecodable } = disk.list(dir);
    expect(undecodable).toEqual(["caf\\xe9"]);
    expect(names.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "plain", kind: "dir" },
      { name: "really \ufffd", kind: "file" },
    ]);
  },
);

it("does not wait for a writer when a fifo stands where a file was", () => {
  execFileSync("mkfifo", [join(dir, "fifo")]);
  expect(disk.lstat(join(dir, "fifo"))?.kind).toBe("other");
  expect(() => disk.openRead(join(dir, "fifo"))).toThrow(expect.objectContaining({ code: "ENXIO" }));
  expect(() => disk.openAppend(join(dir, "fifo"), 0o600)).toThrow(expect.objectContaining({ code: "ENXIO" }));
});

it("writes more than one system call takes", () => {
  const bytes = Buffer.alloc(5_000_000, "holdfast");
  const fd = disk.createNew(join(dir, "large"), 0o600);
  disk.write(fd, bytes, null);
  disk.close(fd);
  expect(fs.readFileSync(join(dir, "large")).equals(bytes)).toBe(true);
});

it.runIf(process.getuid?.() === 0)(
  "changes the mode of a file that its owner may not read, and never through a link",
  () => {
    const script = `
    import { realDisk } from ${JSON.stringify(new URL("./disk.ts", import.meta.url).href)};
    const disk = realDisk();
    process.setgid(65534); process.setuid(65534);
    disk.chmod("closed", 0o640);
    try { disk.chmod("link", 0o777); } catch (error) { process.stdout.write(error.code); }`;
    fs.chmodSync(dir, 0o777);
    fs.writeFileSync(join(dir, "closed"), "");
    fs.writeFileSync(join(dir, "target"), "", { mode: 0o000 });
    fs.symlinkSync("target", join(dir, "link"));
    for (const name of ["closed", "target"]) fs.chownSync(join(dir, name), 65534, 65534);
    fs.chmodSync(join(dir, "closed"), 0);
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: dir }).toString();
    expect(said).toBe("ELOOP");
    expect(fs.statSync(join(dir, "closed")).mode & 0o7777).toBe(0o640);
    expect(fs.statSync(join(dir, "target")).mode & 0o7777).toBe(0);
  },
);
