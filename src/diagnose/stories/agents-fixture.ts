/** A tree that many agents share: trees committed when they were stale, moves of whole folders, edits that broke something. For tests. */

import { SCRIPT, type Stories } from "./story-fixture.ts";

const long = (name: string) => Array.from({ length: 30 }, (_, n) => `${name}: line ${n}\n`).join("");

export const AGENTS: Stories = {
  "renamed across folders with edits, among many": (s) => {
    for (let n = 0; n < 12; n++) s.write(`many/tools/t${n}.sh`, long(`tool ${n}`));
    const good = s.commit("tools");
    for (let n = 0; n < 12; n++) {
      s.remove(`many/tools/t${n}.sh`);
      s.write(`many/bin/x/t${n}.zsh`, long(`tool ${n}`).replace(/line [0-9]\n/g, "LINE\n"));
    }
    const commit = s.commit("reorganise");
    return {
      ask: "many/tools/t5.sh",
      expected: { verdict: "moved", kind: "renamed", commit, good, movedTo: "many/bin/x/t5.zsh" },
    };
  },
  "renamed by case alone": (s) => {
    const good = s.put("case/Run.sh", long("case"));
    s.git("mv", "case/Run.sh", "case/run.sh");
    const commit = s.commit("tidy names");
    return {
      ask: "case/Run.sh",
      expected: { verdict: "moved", kind: "renamed", commit, good, movedTo: "case/run.sh" },
    };
  },
  "its folder moved, and then it was deleted there": (s) => {
    for (let n = 0; n < 5; n++) s.write(`subtree/old/a${n}.sh`, long(`subtree ${n}`));
    const good = s.commit("five");
    s.git("mv", "subtree/old", "subtree/new");
    s.commit("tidy");
    s.remove("subtree/new/a2.sh");
    const commit = s.put("subtree/o", "o\n", "auto-commit");
    return { ask: "subtree/old/a2.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "a folder of which a stale tree took one file and put back another": (s) => {
    s.write("half/a.sh", "a1\n");
    s.write("half/b.sh", "b1\n");
    s.commit("two");
    s.write("half/a.sh", "a2\n");
    const good = s.put("half/n.sh", long("half"));
    s.write("half/a.sh", "a1\n");
    s.remove("half/n.sh");
    const commit = s.commit("auto-save 2025-11-12T10:00:00Z");
    return { ask: "half", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "taken by the revert of a merge": (s) => {
    s.git("checkout", "-q", "-b", "unmerge");
    const good = s.put("unmerge/x.sh", long("unmerge"));
    s.git("checkout", "-q", "main");
    s.put("unmerge/main", "m\n");
    s.git("merge", "-q", "--no-ff", "unmerge");
    s.git("revert", "--no-edit", "-m", "1", "HEAD");
    const commit = s.git("rev-parse", "HEAD").trim();
    return {
      ask: "unmerge/x.sh",
      expected: { verdict: "worked-then-broke", kind: "deleted", commit, good, intentional: true },
    };
  },
  "came with a merge of three, and went": (s) => {
    let good = "";
    for (const name of ["first", "second"]) {
      s.git("checkout", "-q", "-b", `octopus-${name}`, "main");
      const made = s.put(`octopus/${name}.sh`, long(name));
      if (name === "first") good = made;
      s.git("checkout", "-q", "main");
    }
    s.put("octopus/m", "m\n");
    s.git("merge", "-q", "octopus-first", "octopus-second");
    s.remove("octopus/first.sh");
    const commit = s.put("octopus/o", "o\n", "auto-commit");
    return { ask: "octopus/first.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "emptied by one robot, deleted by the next": (s) => {
    const good = s.put("two-robots/a.sh", long("robots"));
    s.put("two-robots/a.sh", "", "auto-commit 1");
    s.remove("two-robots/a.sh");
    const commit = s.put("two-robots/o", "o\n", "auto-commit 2");
    return { ask: "two-robots/a.sh", expected: { verdict: "worked-then-broke", kind: "deleted", commit, good } };
  },
  "moved away, and another thing stands in its place": (s) => {
    s.put("shim/a.sh", long("shim"));
    s.git("mv", "shim/a.sh", "shim/b.sh");
    s.commit("make room");
    const good = s.put("shim/a.sh", "#!/bin/sh\nexec shim/b.sh\n");
    return { ask: "shim/a.sh", expected: { verdict: "healthy", good } };
  },
  "data that an edit broke": (s) => {
    const good = s.put("broken/c.json", '{"a": 1}\n');
    const commit = s.put("broken/c.json", '{"a": 1,}\n', "tweak");
    return { ask: "broken/c.json", expected: { verdict: "worked-then-broke", kind: "modified", commit, good } };
  },
  "YAML that an edit broke, and another edit left so": (s) => {
    const good = s.put("broken/y.yaml", "a: 1\nb: [1, 2]\n");
    const commit = s.put("broken/y.yaml", "a: 1\nb: [1, 2\n", "tweak");
    s.put("broken/y.yaml", "a: 2\nb: [1, 2\n", "go on");
    return { ask: "broken/y.yaml", expected: { verdict: "worked-then-broke", kind: "modified", commit, good } };
  },
  "a script that was committed in the middle of a merge": (s) => {
    const good = s.put("broken/m.sh", SCRIPT);
    const marks = "#!/bin/sh\n<<<<<<< HEAD\necho a\n=======\necho b\n>>>>>>> side\n";
    const commit = s.put("broken/m.sh", marks, "sync");
    return { ask: "broken/m.sh", expected: { verdict: "worked-then-broke", kind: "modified", commit, good } };
  },
  "a script that no shell could ever read": (s) => {
    s.put("never/n.sh", "#!/bin/bash\nif then\n");
    s.put("never/n.sh", "#!/bin/bash\nif then\n# more\n");
    return { ask: "never/n.sh", expected: { verdict: "never-worked" } };
  },
  "a script for an interpreter that nobody has": (s) => {
    s.put("never/i.sh", "#!/opt/none/bin/xsh2\necho\n");
    return { ask: "never/i.sh", expected: { verdict: "never-worked" } };
  },
  "a service that ran, until its program could not be started": (s) => {
    s.write("LaunchAgents/me.serve.plist", plist("me.serve", "serve/run.sh", "logs/serve.log"));
    s.write(
      "logs/serve.log",
      "2025-12-01T10:00:00Z serve/run.sh started\n2025-12-02T10:00:00Z serve/run.sh: exit 127\n",
    );
    const good = s.put("serve/run.sh", SCRIPT);
    return { ask: "serve/run.sh", expected: { verdict: "worked-then-broke", kind: "service-failed", good } };
  },
  "a service that never could be started": (s) => {
    s.write("LaunchAgents/me.dead.plist", plist("me.dead", "dead/run.sh", "logs/dead.log"));
    s.write("logs/dead.log", "2025-12-01T10:00:00Z dead/run.sh: exited with code 126\n");
    s.put("dead/run.sh", SCRIPT);
    return { ask: "dead/run.sh", expected: { verdict: "never-worked" } };
  },
  "never there, though commits, orders and other agents tell of it": (s) => {
    s.write("tales/ledger.md", "created tales/phantom.sh\n");
    const told = { ts: "2025-12-01T10:00:00Z", event: "file_created", file: "tales/phantom.sh", status: "success" };
    s.write("mls/ledger/2025-12-01.jsonl", `${JSON.stringify(told)}\n`);
    s.put("tales/scripts/phantom-helper.sh", SCRIPT, "feat: add tales/phantom.sh");
    return { ask: "tales/phantom.sh", expected: { verdict: "never-existed", commit: null, good: null } };
  },
};

function plist(label: string, program: string, log: string): string {
  return `<plist><dict><key>Label</key><string>${label}</string><key>ProgramArguments</key><array><string>${program}</string></array><key>StandardErrorPath</key><string>${log}</string></dict></plist>\n`;
}
