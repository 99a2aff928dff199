import { expect, it } from "vitest";
import type { ProcessFacts, ProcessPort } from "../base/index.ts";
import { recognizeActor } from "./actor.ts";

function processWith(
  own: Record<string, string>,
  ancestors: Partial<ProcessFacts>[],
  stdinIsTerminal = false,
): ProcessPort {
  const facts = ancestors.map((one, index) => ({ pid: index + 1, name: "p", sessionId: 1, envNames: [], ...one }));
  return {
    pid: 7,
    envNames: () => Object.keys(own),
    env: (name: string) => own[name],
    ancestors: () => facts,
    stdinIsTerminal,
    userName: () => "me",
  } as unknown as ProcessPort;
}

it.each([
  [{ CLAUDECODE: "1" }, "claude-code"],
  [{ CODEX_SANDBOX: "seatbelt" }, "codex"],
  [{ GEMINI_CLI: "1" }, "gemini-cli"],
  [{ CURSOR_AGENT: "1" }, "cursor"],
])("recognises an agent by its mark %o", (environment, name) => {
  expect(recognizeActor(processWith(environment, []))).toEqual({ kind: "agent", name, pid: 7 });
});

it("names the agent's session where it tells one", () => {
  expect(recognizeActor(processWith({ CODEX_SESSION_ID: "7f3a" }, []))).toMatchObject({ session: "7f3a" });
});

it("finds the mark on an ancestor of the same session, not beyond it", () => {
  const inSession = processWith({}, [{}, {}, { envNames: ["CLAUDECODE"] }]);
  expect(recognizeActor(inSession)).toMatchObject({ kind: "agent", name: "claude-code" });
  const beyond = processWith({}, [{}, { sessionId: 2, envNames: ["CLAUDECODE"] }], true);
  expect(recognizeActor(beyond)).toEqual({ kind: "human", name: "me", pid: 7 });
});

it("calls a person human on a terminal only", () => {
  expect(recognizeActor(processWith({}, [], true)).kind).toBe("human");
  expect(recognizeActor(processWith({}, [], false)).kind).toBe("unknown");
});
