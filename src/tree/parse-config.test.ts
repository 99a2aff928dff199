import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HoldfastError } from "../base/index.ts";
import type { ConfigProblem } from "./config-yaml.ts";
import { defaultConfig, parseConfig } from "./parse-config.ts";

/** The example of docs/formats.md, with the ellipses taken out and the layout and agents that `init --orders` writes put in. */
const FORMATS_EXAMPLE = `v: 1
remember:                                # the default for every path
  exclude: [node_modules, dist, build, target, .next, .venv, "*.log"]   # and what git ignores, except:
  precious: [".env*", "*.local.*", "*.sqlite*", "*.db"]                     # ignored by git, remembered all the same
  maxFile: 8MiB                          # of untracked, unprotected, not precious paths; pre-images, baselines, snapshots: any size
  keep: { size: 5GiB, age: 14d }         # baselines are never evicted
components:
  apply-patch-processor:
    paths: [agents/apply_patch_processor]
    executable: ["**/*.zsh"]
    response: repair                     # remember | observe | repair; \`protect\` writes repair
    strict: true                         # older content is always undone
    scope: branch                        # branch (default for tracked paths) | always (must hold whatever HEAD is)
    service: com.02luka.apply_patch_processor
    check: zsh -n agents/apply_patch_processor/apply_patch_processor.zsh
  ledger: { paths: [mls/ledger], appendOnly: true }
  state: { paths: [g/followup/state], kind: directory }
accept: { on: [commit@main] }            # new content that is committed there moves the baseline; a loss never does
layout: { inbox: bridge/inbox, outbox: bridge/outbox, archive: bridge/archive, failed: bridge/failed, state: g/followup/state,
  dashboard: apps/dashboard/data/followup.json, telemetry: g/telemetry/unified.jsonl, mls: mls/ledger, reports: g/reports, logs: logs }
agents:
  CLC: { run: builtin }                  # Holdfast executes
  CLS: { run: command, command: ["claude", "-p", "{prompt}"], timeout: 30m }   # an agent's own CLI executes, never through a shell
  ENTRY: { run: route }                  # routed on by target / assignee / owner / route_hints
  Mary: { run: manual }                  # waits for \`holdfast wo complete\` or an ack file
orders: { commands: submitted, allowOutside: [], requireSignature: false, timeout: 15m, retries: 0, concurrency: 4 }
guard: { sweep: 5m, flap: { repairs: 5, within: 10m } }
canary: { every: 15m, keep: 24h }
alerts: [{ when: incident.opened, to: desktop }, { when: incident.escalated, to: { webhook: "env:HOOK_URL" } }]
vault: { mirror: null }
hooks: { onError: allow }
rollback: { before: [] }                 # commands that must pass before any rollback (the spec's "CI tests run before any rollback")
evidence: { window: 24h, limit: 30s, rollbackLogs: [logs/rollback_*.log], serviceLogs: [], ledgers: [] }
`;

function failureOf(text: string): { code: string; problems: ConfigProblem[] } {
  try {
    parseConfig(text);
  } catch (error) {
    if (error instanceof HoldfastError)
      return { code: error.code, problems: error.data["problems"] as ConfigProblem[] };
    throw error;
  }
  throw new Error("the configuration was accepted");
}
const problem = (text: string) =>
  failureOf(text)
    .problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
    .join("\n");

describe("the example of formats.md", () => {
  it("is a configuration", () => {
    const config = parseConfig(FORMATS_EXAMPLE);
    expect(config.components["apply-patch-processor"]).toEqual({
      paths: ["agents/apply_patch_processor"],
      executable: ["**/*.zsh"],
      response: "repair",
      strict: true,
      scope: "branch",
      appendOnly: false,
      kind: null,
      service: "com.02luka.apply_patch_processor",
      check: "zsh -n agents/apply_patch_processor/apply_patch_processor.zsh",
    });
    expect(config.components["ledger"]).toMatchObject({
      appendOnly: true,
      response: "repair",
      strict: false,
      scope: "branch",
    });
    expect(config.components["state"]).toMatchObject({ kind: "directory" });
    expect(config.agents["CLS"]).toEqual({
      run: "command",
      command: ["claude", "-p", "{prompt}"],
      timeoutMs: 1_800_000,
    });
    expect(config.alerts).toEqual([
      { when: "incident.opened", to: "desktop" },
      { when: "incident.escalated", to: { webhook: "env:HOOK_URL" } },
    ]);
    expect(config.evidence).toEqual({
      windowMs: 86_400_000,
      limitMs: 30_000,
      rollbackLogs: ["logs/rollback_*.log"],
      serviceLogs: [],
      ledgers: [],
    });
  });

  it("states the defaults: without components, layout, agents and alerts it says what an empty file says", () => {
    const said = parseConfig(FORMATS_EXAMPLE);
    const silent = defaultConfig();
    expect({ ...said, components: {}, layout: null, agents: {}, alerts: [] }).toEqual({
      ...silent,
      remember: { ...silent.remember, exclude: said.remember.exclude },
    });
    expect(silent.remember.exclude).toEqual(expect.arrayContaining(said.remember.exclude));
    expect(silent.remember).toMatchObject({
      maxFileBytes: 8 * 2 ** 20,
      keep: { sizeBytes: 5 * 2 ** 30, ageMs: 14 * 86_400_000 },
    });
  });
});

describe("an empty configuration", () => {
  it.each(["", "{}", "# nothing\n", "v: 1", "\ufeffv: 1\r\n", "remember:\n  # exclude: [x]\ncomponents:\nlayout:\n"])(
    "may be written %j",
    (text) => {
      expect(parseConfig(text)).toEqual(defaultConfig());
    },
  );
});

describe("what is wrong with a configuration", () => {
  it("is listed completely, in the order of the file, each with its place", () => {
    const text = `remeber: {}
orders:
  timout: 5m
  timeout: 5
  commands: always
components:
  A B: { paths: [a] }
  x: { paths: [/etc, 3], respnse: repair }
  y: {}
agents:
  C: { run: sometimes }
  D: { run: manual, command: [x] }
alerts: [{ when: x, to: 3 }]
layout: { inbx: a, outbox: ../x }
`;
    expect(failureOf(text).code).toBe("CONFIG_INVALID");
    expect(problem(text)).toBe(`1:1 unknown key "remeber"; did you mean "remember"?
3:3 orders: unknown key "timout"; did you mean "timeout"?
4:3 orders.timeout: must be a duration such as 30s, 5m, 24h
5:3 orders.commands: expected one of "submitted"|"allow"|"deny"
7:3 components.A B: a component's name is [a-z0-9._-], at most 64 characters
8:16 components.x.paths.0: "/etc" is absolute
8:22 components.x.paths.1: expected string, received number
8:26 components.x: unknown key "respnse"; did you mean "response"?
9:6 components.y.paths: is missing
11:8 agents.C.run: needs a "run" that is known
12:21 agents.D: unknown key "command" (it goes with another choice)
13:12 alerts.0.when: must be a ledger event such as incident.opened, or incident.*
13:21 alerts.0.to: must be desktop, telemetry, {command: [program, …]}, or {webhook | slack | discord | ntfy: "env:NAME" or "file:/path"}
14:11 layout: unknown key "inbx"; did you mean "inbox"?
14:20 layout.outbox: "../x" has a ".." segment`);
  });

  it.each([
    ["a: [", "1:5"],
    ["v: 1\norders: {}\norders: {}\n", "3:1 Map keys must be unique"],
    ["v: 1\n---\nv: 1\n", "2:1 Source contains multiple documents"],
    ["v: 2", "1:1 v: expected 1"],
    ["[]", "1:1 expected object, received array"],
    ["yes", "1:1 expected object, received string"],
    ["v: !!js/function x", "1:4 Unresolved tag"],
    ["? [a]\n: 1", "1:3 With stringKeys, all keys must be strings"],
    ["components: { __proto__: { paths: [a] } }", "1:15 no key may be called __proto__"],
    ["guard: { sweep: 0s }", "1:10 guard.sweep: must be between 1s and 24d"],
    ["guard: { sweep: 30d }", "1:10 guard.sweep: must be between 1s and 24d"],
    ["orders: { allowOutside: [../x] }", "1:26 orders.allowOutside.0: must be an absolute path"],
    ["orders: { allowOutside: [/a/../x] }", '1:26 orders.allowOutside.0: must not contain ".."'],
    ["remember: { keep: { age: 1e9d } }", "1:21 remember.keep.age: must be a duration"],
    ["layout: { outbox: bridge/inbox/out }", "1:11 layout.outbox and layout.inbox lie in one another"],
    ["vault: { mirror: /disk }", "1:10 vault.mirror: a mirror is still to come"],
    ["layout: { dashboard: holdfast.yaml }", "1:11 layout.dashboard is holdfast.yaml"],
  ])("in %j is named with its place", (text, expected) => {
    expect(failureOf(text).code).toBe("CONFIG_INVALID");
    expect(problem(text).split("\n")[0]!.slice(0, expected.length)).toBe(expected);
  });

  it.each([
    ["components:\n  a: { paths: [x] }\n  b: { paths: [x/y] }", '3:16 component b: "x/y" overlaps "x" of component a'],
    [
      "components:\n  a: { paths: [x/*.ts] }\n  b: { paths: [x/main.ts] }",
      '3:16 component b: "x/main.ts" overlaps "x/*.ts" of component a',
    ],
    [
      "components:\n  accepted: { paths: [x] }",
      "2:3 component accepted: the name belongs to a component that is built in",
    ],
    ["components:\n  holdfast: { paths: [x] }", "2:3 component holdfast: the name belongs"],
    ["components: { a: { paths: ['**'] } }", '1:28 component a: "**" would take the whole tree'],
    ["components: { a: { paths: [holdfast.yaml] } }", "1:28 component a: holdfast.yaml belongs to the built-in"],
    [
      "components: { a: { paths: [x], kind: directory, appendOnly: true } }",
      "1:49 component a: kind: directory has no content",
    ],
  ])("in the components of %j has its own code", (text, expected) => {
    expect(failureOf(text).code).toBe("COMPONENT_INVALID");
    expect(problem(text).split("\n")[0]!.slice(0, expected.length)).toBe(expected);
  });
});

describe("a hostile configuration", () => {
  it("is refused for its size, its nesting and its aliases before it costs anything", () => {
    expect(problem(`x: ${"a".repeat(1 << 20)}`)).toMatch(/larger than/);
    expect(problem("[".repeat(500_000))).toMatch(/nested too deeply/);
    expect(problem("- ".repeat(20_000))).not.toBe("");
    const bomb = Array.from(
      { length: 9 },
      (_, n) => `a${n}: &a${n} [${Array.from({ length: 9 }, () => (n === 0 ? "x" : `*a${n - 1}`)).join()}]`,
    );
    expect(problem(bomb.join("\n"))).toMatch(/an alias inside an anchor/);
    expect(problem(`a: &x 1\nb: [${"*x,".repeat(101)}]`)).toMatch(/more than 100 aliases/);
    expect(problem("v: *nowhere")).toBe("1:4 no anchor &nowhere stands before this alias");
  });

  it("may use an alias as people do", () => {
    expect(
      parseConfig(
        "components:\n  a: { paths: [a], executable: &zsh ['**/*.zsh'] }\n  b: { paths: [b], executable: *zsh }",
      ).components["b"]?.executable,
    ).toEqual(["**/*.zsh"]);
  });

  it("has no names that were never written", () => {
    const config = parseConfig("agents: { CLC: { run: builtin } }\ncomponents: { constructor: { paths: [a] } }");
    expect(config.agents["constructor"]).toBeUndefined();
    expect(config.components["toString"]).toBeUndefined();
    expect(config.components["constructor"]?.paths).toEqual(["a"]);
  });

  it("fails with a code and a place, whatever it says", () => {
    const word = fc.constantFrom(
      "v",
      "remember",
      "components",
      "a",
      "paths",
      ":",
      " ",
      "\n",
      "  ",
      "- ",
      "[",
      "]",
      "{",
      "}",
      ",",
      "&x ",
      "*x",
      "!t ",
      "|",
      "'",
      '"',
      "1",
      "#",
      "\t",
      "\ud800",
      "~",
      "<<: ",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.array(word).map((words) => words.join("")),
        ),
        (text) => {
          try {
            parseConfig(text);
          } catch (error) {
            expect(error).toBeInstanceOf(HoldfastError);
            const { data, code } = error as HoldfastError;
            expect(["CONFIG_INVALID", "COMPONENT_INVALID"]).toContain(code);
            expect(data["line"]).toBeGreaterThan(0);
            expect(data["column"]).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
