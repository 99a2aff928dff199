/**
 * A repository as it is after years of agents: many commits of one to three files each, every seventh by a robot, side branches that were
 * merged, and other people's ledgers in its work tree. Made by `git fast-import`, the same each time.
 */

import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { timed } from "./command.ts";

export interface OldRepository {
  readonly root: string;
  /** Made early, changed now and then, taken by a commit about something else when nine tenths were done. */
  readonly lostPath: string;
  /** Files that are there, each with a history of its own. */
  filePath(index: number): string;
}

const FIRST_SECOND = 1_700_000_000;
const MERGE_EVERY = 50;
const LOST = "agents/router/run.sh";

export function oldRepository(
  root: string,
  { commits, files, records }: { commits: number; files: number; records: number },
): OldRepository {
  mkdirSync(root, { recursive: true });
  const stream = `${root}.stream`;
  writeStream(stream, commits, files);
  git(root, "init", "-q", "-b", "main");
  git(root, "config", "gc.auto", "0");
  git(root, "config", "maintenance.auto", "false");
  const input = openSync(stream, "r");
  const { status } = spawnSync("git", ["fast-import", "--quiet", "--done"], {
    cwd: root,
    stdio: [input, "ignore", "pipe"],
  });
  closeSync(input);
  rmSync(stream);
  if (status !== 0) throw new Error("git fast-import failed");
  git(root, "reset", "-q", "--hard", "main");
  writeLedgers(root, records);
  return { root, lostPath: LOST, filePath };
}

function git(cwd: string, ...args: string[]): void {
  timed({ command: ["git", ...args], cwd, env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" } });
}

function filePath(index: number): string {
  return `area-${index % 20}/part-${Math.floor(index / 20) % 40}/file-${index}.ts`;
}

function writeStream(file: string, commits: number, files: number): void {
  const out = writerTo(file);
  const random = numbers();
  const put = (path: string, text: string, mode = "100644") =>
    out.write(`M ${mode} inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`);
  const change = (commit: number) => {
    for (let count = 1 + random(3); count > 0; count--) {
      const index = random(files);
      put(filePath(index), `file ${index}, version ${commit}\n`.repeat(5));
    }
  };
  const begin = (commit: number, ref: string, from: string) => {
    const subject = commit % 7 === 0 ? "auto-commit" : `work ${commit}`;
    const who = `committer agent-${commit % 5} <agent@localhost> ${FIRST_SECOND + commit * 60} +0000`;
    out.write(`commit ${ref}\nmark :${commit + 1}\n${who}\ndata ${subject.length}\n${subject}\n${from}`);
  };
  for (let commit = 0; commit < commits; commit++) {
    if (commit === 0) {
      begin(commit, "refs/heads/main", "");
      for (let index = 0; index < files; index++) put(filePath(index), `file ${index}\n`.repeat(5));
      continue;
    }
    // Every so often one commit goes aside, and the one after the next brings it in.
    const place = commit % MERGE_EVERY;
    const isSide = place === 1 && commit + 2 < commits;
    const from = place === 2 && commit > 2 ? `from :${commit - 1}\n` : `from :${commit}\n`;
    const merged = place === 3 && commit > 3 ? `merge :${commit - 1}\n` : "";
    begin(commit, isSide ? "refs/heads/side" : "refs/heads/main", from + merged);
    change(commit);
    if (commit % Math.ceil(commits / 25) === 1 && commit < commits * 0.9)
      put(LOST, `#!/bin/sh\necho version ${commit}\n`, "100755");
    if (commit === Math.floor(commits * 0.9) + 5) out.write(`D ${LOST}\n`);
  }
  out.write("reset refs/heads/side\nfrom 0000000000000000000000000000000000000000\n\ndone\n");
  out.end();
}

const LEDGER_FILES = 30;

/** One record in ten thousand is about what was lost. */
function writeLedgers(root: string, records: number): void {
  const folder = join(root, "mls", "ledger");
  mkdirSync(folder, { recursive: true });
  const perFile = Math.ceil(records / LEDGER_FILES);
  for (let file = 0; file < LEDGER_FILES; file++) {
    const out = writerTo(join(folder, `2025-11-${String(file + 1).padStart(2, "0")}.jsonl`));
    for (let record = file * perFile; record < Math.min(records, (file + 1) * perFile); record++) {
      const path = record % 10_000 === 77 ? LOST : filePath(record % 20_000);
      const ts = new Date((FIRST_SECOND + record * 6) * 1_000).toISOString();
      out.write(
        `${JSON.stringify({ ts, type: "note", title: `looked at ${path}`, source: { producer: `agent-${record % 5}`, run_id: record }, tags: ["work"], author: "agent", confidence: 0.5 })}\n`,
      );
    }
    out.end();
  }
}

const CHUNK_LENGTH = 1 << 20;

function writerTo(file: string): { write(text: string): void; end(): void } {
  const fd = openSync(file, "w");
  let waiting: string[] = [];
  let length = 0;
  const flush = () => {
    writeSync(fd, waiting.join(""));
    waiting = [];
    length = 0;
  };
  return {
    write(text) {
      waiting.push(text);
      length += text.length;
      if (length > CHUNK_LENGTH) flush();
    },
    end() {
      flush();
      closeSync(fd);
    },
  };
}

/** The same numbers each time. */
function numbers(): (below: number) => number {
  let state = 42;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}
