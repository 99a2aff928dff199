/**
 * Scripted histories: each is made by real git, and asked about.
 *
 * Then again with witnesses away, one at a time: the answer stays right, or becomes "unknown" with less confidence.
 */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { realPorts } from "../platform/index.ts";
import type { Diagnosis } from "./contract.ts";
import { diagnose } from "./diagnose.ts";
import type { DiagnosePorts } from "./gather.ts";
import { AGENTS } from "./stories/agents-fixture.ts";
import { ALONE, type Alone } from "./stories/alone-fixture.ts";
import { BRANCHES } from "./stories/branches-fixture.ts";
import { CHANGED } from "./stories/changed-fixture.ts";
import { FOLDERS } from "./stories/folders-fixture.ts";
import { GONE } from "./stories/gone-fixture.ts";
import { asTold, newRepository, type Stories, type Story, type Told, told } from "./stories/story-fixture.ts";

const PORTS = realPorts();

type Question = readonly string[];

/** One kind of question to git that is not answered. */
const AWAY: Readonly<Record<string, (args: Question) => boolean>> = {
  "all of git": () => true,
  "HEAD's history": (args) => args[0] === "log" && !args.includes("--all"),
  "other refs": (args) => args[0] === "log" && args.includes("--all") && !args.includes("--stdin"),
  "lost commits": (args) => args[0] === "log" && args.includes("--stdin"),
  "the index": (args) => args[0] === "ls-files",
  objects: (args) => args[0] === "cat-file",
  "commits' files": (args) => args[0] === "diff-tree",
  "ignore rules": (args) => args[0] === "check-ignore",
  "refs' names": (args) => args[0] === "for-each-ref",
  ancestors: (args) => args[0] === "rev-list",
};

function portsThat(onRun: (args: Question) => void): DiagnosePorts {
  const run: DiagnosePorts["git"]["run"] = async (dir, args, options) => {
    onRun(args);
    return PORTS.git.run(dir, args, options);
  };
  return { ...PORTS, git: { ...PORTS.git, run } };
}

const asked = (story: Story, text: string) => ({ text, place: { root: story.dir, cwd: null, components: {} } });

/** Witnesses that were heard for the answer, one after another away. */
async function dishonest(story: Story, text: string): Promise<{ whole: Diagnosis; wrong: unknown[] }> {
  const heard: Question[] = [];
  const whole = await diagnose(
    asked(story, text),
    portsThat((args) => heard.push(args)),
  );
  const witnesses = Object.entries(AWAY).filter(([, isAway]) => heard.some(isAway));
  const answers = await Promise.all(
    witnesses.map(async ([witness, isAway]) => {
      const ports = portsThat((args) => {
        if (isAway(args)) throw Object.assign(new Error("fatal: it is away"), { cmd: "git", code: 128 });
      });
      return { witness, answer: await diagnose(asked(story, text), ports) };
    }),
  );
  const wrong = answers
    .filter(({ answer }) => !staysHonest(answer, whole))
    .map(({ witness, answer: { says, confidence } }) => ({ witness, says, confidence }));
  return { whole, wrong };
}

function staysHonest(answer: Diagnosis, whole: Diagnosis): boolean {
  if (answer.verdict === "unknown") return whole.verdict === "unknown" || answer.confidence < whole.confidence;
  if (answer.verdict !== whole.verdict || answer.confidence > whole.confidence) return false;
  const claim = ({ change, movedTo }: Diagnosis) => [change?.kind, change?.commit, change?.intentional, movedTo];
  return JSON.stringify(claim(answer)) === JSON.stringify(claim(whole));
}

async function check(story: Story, { ask, expected }: Told): Promise<void> {
  const { whole, wrong } = await dishonest(story, ask);
  expect(told(whole, expected), whole.says).toEqual(asTold(expected));
  expect(wrong, whole.says).toEqual([]);
}

describe.each<[string, Stories]>([
  ["agents", AGENTS],
  ["gone", GONE],
  ["changed", CHANGED],
  ["folders", FOLDERS],
  ["branches", BRANCHES],
])("%s", (_, stories) => {
  let story: Story;
  const tellings = new Map<string, Told>();
  beforeAll(() => {
    story = newRepository();
    for (const [name, tell] of Object.entries(stories)) tellings.set(name, tell(story));
  });
  afterAll(() => story?.end());

  test.each(Object.keys(stories))("%s", (name) => check(story, tellings.get(name)!));
});

describe("alone", () => {
  let last: Alone | null = null;
  afterEach(() => last?.story.end());

  test.each(Object.keys(ALONE))("%s", (name) => {
    last = ALONE[name]!();
    return check(last.story, last);
  });
});

test("a name that never existed there is told where it is, or was", async () => {
  const story = newRepository();
  story.put("scripts/ghost.sh", "#!/bin/sh\n");
  const there = await story.ask("ghost.sh");
  expect(there.verdict).toBe("never-existed");
  expect(there.says).toContain("scripts/ghost.sh is there");
  expect(there.proposals[0]?.command).toBe("holdfast diagnose scripts/ghost.sh");
  story.remove("scripts/ghost.sh");
  story.commit("auto-commit");
  expect((await story.ask("ghost.sh")).says).toContain("scripts/ghost.sh was there once");
  expect((await story.ask("tools/gh*st.sh")).says).not.toContain("scripts/ghost.sh");
  story.end();
});

test("when a service failed is told by its log", async () => {
  const story = newRepository();
  story.put("tools/serve.sh", "#!/bin/sh\n");
  story.write("logs/serve.log", "2026-01-01T10:00:00Z tools/serve.sh done\n2026-01-02T10:00:00Z serve.sh: exit 127\n");
  const { change } = await story.ask("tools/serve.sh");
  expect(change).toMatchObject({ kind: "service-failed", at: "2026-01-02T10:00:00.000Z" });
  story.write("logs/serve.log", "2026-01-01T10:00:00Z other/serve.sh: exit 127\n");
  expect((await story.ask("tools/serve.sh")).verdict).toBe("healthy");
  story.end();
});

test("who still counts on it is told: a cron line, a unit", async () => {
  const story = newRepository();
  story.put("tools/nightly.sh", "#!/bin/sh\n");
  story.write("cron/nightly", "0 3 * * * /srv/tree/tools/nightly.sh\n");
  story.write("systemd/nightly.service", "[Service]\nExecStart=/srv/tree/tools/nightly.sh\n");
  story.remove("tools/nightly.sh");
  story.commit("auto-commit");
  const { evidence, verdict } = await story.ask("tools/nightly.sh");
  expect(verdict).toBe("worked-then-broke");
  const pointing = evidence.filter(({ says }) => says.endsWith("points at it")).map(({ ref }) => ref);
  expect(pointing.sort()).toEqual(["cron/nightly", "systemd/nightly.service"]);
  story.end();
});
