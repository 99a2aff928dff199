/** The page in a real browser, at a real daemon that guards a real tree. */

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ended, makeTree, type TestTree, until } from "../cli/holdfast.ts";
import { hasBrowser, startBrowser, type Visit, visit } from "./browser.ts";

const HOSTILE = "WO-<img src=x onerror=alert(1)>";
const PAGES = ["/", "/orders", "/components", "/incidents", "/history", "/path?of=loose.txt", "/diagnose"];

describe.skipIf(!hasBrowser)("the page", () => {
  let tree: TestTree;
  let browser: Browser;
  let seen: Visit;
  const git = (...args: string[]) => execFileSync("git", args, { cwd: tree.root, env: tree.environment });
  const text = () => seen.page.locator("main").innerText();

  beforeAll(async () => {
    tree = makeTree({ init: ["--orders"] });
    tree.write("agents/run.sh", "#!/bin/sh\necho one\n", 0o755);
    tree.write("notes/todo.txt", "first\n");
    expect(tree.run(["protect", "agents", "--name", "agents"]).code).toBe(0);
    expect(tree.run(["protect", "notes", "--name", "notes", "--response", "observe"]).code).toBe(0);
    await tree.up(["--port", "0"]);
    browser = await startBrowser();
    seen = await visit(browser, tree);
  });
  afterAll(async () => {
    await browser?.close();
    tree?.end();
  });

  it("says in one green sentence that all is held", async () => {
    await seen.page.getByText("2 of 2 components as accepted.").waitFor();
    expect(await seen.page.locator("h1").innerText()).toContain("Held.");
    expect(await seen.page.getByLabel("Raised").count()).toBe(0);
  });

  it("shows a real `git clean` without being asked again, with its cause, and that it is back", async () => {
    await seen.goto("/incidents");
    await seen.page.getByText("Nothing was taken away yet.").waitFor();
    git("clean", "-fdq", "agents");
    const row = seen.page.locator("article.incident");
    await row.getByText("put back").first().waitFor();
    expect(await row.innerText()).toContain("agents");
    expect(await row.innerText()).toContain("deleted");
    await row.getByText("What happened").click();
    await seen.page.getByRole("heading", { name: "What it took" }).waitFor();
    const story = await text();
    for (const step of ["before", "what did it", "noticed", "put back", "over", "now"]) expect(story).toContain(step);
    expect(story).toMatch(/git clean -fdq agents|nobody was seen doing it/);
  });

  it("leads an order through its steps, shows a failed check's output, approves and retries", async () => {
    tree.write(
      "../bad.yaml",
      `wo_id: WO-BAD\ntitle: "${HOSTILE}"\nfiles: [{path: tools/x.sh, content: "x"}]\ntests: [{name: it holds, command: "echo this is why; exit 3"}]\n`,
    );
    expect(tree.run(["submit", join(tree.base, "bad.yaml"), "--wait"]).code).toBe(1);
    tree.write("bridge/inbox/CLC/WO-HELD.yaml", "wo_id: WO-HELD\ntitle: Held\nsteps: [{name: go, run: 'echo went'}]\n");
    await seen.goto("/orders");
    await seen.page.getByRole("link", { name: "WO-BAD" }).click();
    await seen.page.getByText("this is why").waitFor();
    expect(await seen.page.locator("h1").innerText()).toContain(HOSTILE);
    expect(await seen.page.getByRole("listitem").filter({ hasText: "undone" }).count()).toBeGreaterThan(0);
    await seen.goto("/orders/WO-HELD");
    await seen.page.getByRole("button", { name: "Approve" }).click();
    await seen.page.getByRole("list", { name: "Stage: accepted" }).waitFor();
    await seen.goto("/orders/WO-BAD");
    await seen.page.getByRole("button", { name: "Retry" }).click();
    await until(
      "it was tried again",
      () => tree.run(["wo", "show", "WO-BAD", "--json"]).json<{ attempts: number }>().attempts > 1,
    );
  });

  it("shows an order's diff and its way, and a path's versions over time", async () => {
    tree.write(
      "../edit.yaml",
      'wo_id: WO-EDIT\ntitle: Say two\nedits: [{path: agents/run.sh, find: "echo one", replace: "echo two"}]\n',
    );
    expect(tree.run(["submit", join(tree.base, "edit.yaml"), "--wait"]).code).toBe(0);
    await seen.goto("/orders/WO-EDIT");
    await seen.page.getByRole("heading", { name: "What it changed" }).waitFor();
    const diff = seen.page.locator(".diff");
    expect(await diff.locator(".minus").allInnerTexts()).toEqual([expect.stringContaining("-echo one")]);
    expect(await diff.locator(".plus").allInnerTexts()).toEqual([expect.stringContaining("+echo two")]);
    const way = await seen.page.locator(".axis .title").allInnerTexts();
    expect(way).toEqual(["received", "planned", "started", "applied", "verified", "accepted"]);
    await seen.page.getByRole("link", { name: "All versions" }).click();
    await seen.page.locator(".versions .diff").first().waitFor();
    expect(await seen.page.locator(".versions > li").count()).toBeGreaterThan(1);
  });

  it("brings back a version of a path, and how it was at any record", async () => {
    for (const text of ["then", "now"]) {
      tree.write("loose.txt", `${text}\n`);
      expect(tree.run(["snapshot"]).code).toBe(0);
    }
    await seen.goto("/path?of=loose.txt");
    await seen.page.getByRole("button", { name: "Bring this back" }).last().click();
    await until("it is back", () => tree.read("loose.txt") === "then\n");
    tree.write("loose.txt", "later\n");
    expect(tree.run(["snapshot"]).code).toBe(0);
    const { records } = tree.run(["history", "--json"]).json<{ records: { seq: number; event: string }[] }>();
    const { seq } = records.findLast(({ event }) => event === "snapshot.restored")!;
    await seen.goto("/history");
    await seen.page.getByRole("button", { name: `As it was at record ${seq}` }).click();
    await seen.page.getByRole("button", { name: "Bring back this path" }).click();
    await until("it is as it was at that record", () => tree.read("loose.txt") === "then\n");
    await seen.page.getByText("it is as it was here").waitFor();
  });

  it("restores what was raised, by one click, and that is on record", async () => {
    await seen.goto("/");
    rmSync(join(tree.root, "notes/todo.txt"));
    await seen.page.getByRole("button", { name: "Restore" }).first().click();
    await seen.page.getByText("Held.").waitFor();
    expect(tree.read("notes/todo.txt")).toBe("first\n");
    const { records } = tree.run(["history", "--json"]).json<{ records: { event: string; summary: string }[] }>();
    expect(records.some(({ event }) => event === "repair.completed")).toBe(true);
  });

  it("accepts what was raised, and the page is calm again", async () => {
    rmSync(join(tree.root, "notes"), { recursive: true });
    await seen.page.getByRole("button", { name: "Accept" }).first().click();
    await seen.page.getByText("Held.").waitFor();
    const { records } = tree
      .run(["history", "--json"])
      .json<{ records: { event: string; actor: { kind: string } }[] }>();
    expect(records.findLast(({ event }) => event === "component.accepted")).toMatchObject({ actor: { kind: "human" } });
  });

  it("answers what became of a path, and finds an order by its id from anywhere", async () => {
    await seen.goto("/");
    await seen.page.getByText("guarding").waitFor();
    await seen.page.keyboard.press("/");
    await seen.page.keyboard.type("never/was.sh\n");
    await seen.page.getByText("It never existed.").waitFor();
    expect(new URL(seen.page.url()).search).toBe("?subject=never%2Fwas.sh");
    await seen.page.getByRole("searchbox").fill("WO-BAD");
    await seen.page.keyboard.press("Enter");
    await seen.page.getByText("this is why").waitFor();
  });

  it("shows only the rows in sight of a long ledger, and older ones as one scrolls", async () => {
    const many = Array.from(
      { length: 180 },
      (_, index) => `wo_id: WO-MANY-${index}\nfiles: [{path: many/${index}.txt, content: x}]\n`,
    );
    for (let from = 0; from < many.length; from += 60)
      expect(tree.run(["submit", "-"], { input: many.slice(from, from + 60).join("---\n") }).err).toBe("");
    await until(
      "they are accepted",
      () => tree.run(["wo", "list", "--status", "done", "--json"]).json<{ orders: unknown[] }>().orders.length > 180,
    );
    await seen.goto("/history");
    const rows = seen.page.locator(".record");
    await rows.first().waitFor();
    expect(await rows.count()).toBeLessThan(100);
    const oldest = async () => Number(await seen.page.locator(".record > :first-child").last().innerText());
    // A row that is still coming has no number.
    await expect.poll(oldest, { timeout: 20_000 }).toBeGreaterThan(500);
    const log = seen.page.getByRole("log");
    await expect
      .poll(
        async () => {
          await log.evaluate((element) => element.scrollTo(0, element.scrollHeight));
          return oldest();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    expect(await rows.count()).toBeLessThan(100);
    await seen.goto("/history?q=WO-BAD+undone");
    await seen.page.getByText("WO-BAD undone").first().waitFor();
    expect(await seen.page.locator(".record", { hasText: "WO-MANY" }).count()).toBe(0);
  });

  it("says that it lost the daemon, and comes back with what happened meanwhile", async () => {
    await seen.goto("/");
    await seen.page.getByText("guarding").waitFor();
    const port = new URL(seen.page.url()).port;
    const { pid } = tree.run(["status", "--json"]).json<{ daemon: { pid: number } }>().daemon;
    process.kill(pid, "SIGTERM");
    await seen.page.getByText("No connection").waitFor();
    await until(
      "it is down",
      () => !tree.run(["status", "--json"]).json<{ daemon: { running: boolean } }>().daemon.running,
    );
    tree.write("agents/run.sh", "#!/bin/sh\necho two\n", 0o755);
    const daemon = await tree.up(["--port", port]);
    await seen.page.getByText("guarding").waitFor();
    expect(await seen.page.getByText("No connection").count()).toBe(0);
    rmSync(join(tree.root, "agents/run.sh"));
    await until("it is back", () => tree.names().includes("agents/run.sh"));
    await seen.goto("/incidents");
    await seen.page.locator("article.incident", { hasText: "put back" }).first().waitFor();
    expect(daemon.exitCode).toBeNull();
  });

  it("complains of nothing: no error, nothing that its own policy forbids", () => {
    // A stream that broke with the daemon, and an answer that there is no such path, are told by the browser itself.
    expect(
      seen.complaints.filter((text) => !/ERR_(CONNECTION|INCOMPLETE|EMPTY)|status of (503|404)/.test(text)),
    ).toEqual([]);
  });

  it.each(["light", "dark"] as const)("has nothing serious for axe to find, in the %s", async (theme) => {
    const other = await visit(browser, tree, { theme, width: theme === "light" ? 1280 : 360 });
    const incident = tree.run(["incidents", "--json"]).json<{ incidents: { id: string }[] }>().incidents[0]!.id;
    for (const path of [...PAGES, "/orders/WO-BAD", `/incidents/${incident}`, "/diagnose?subject=agents"]) {
      await other.goto(path);
      await other.page.locator("h1").waitFor();
      await other.page.locator(".outline").first().waitFor({ state: "detached" });
      expect([path, await other.findings()]).toEqual([path, []]);
      const isTooWide = await other.page.evaluate("document.documentElement.scrollWidth > innerWidth");
      expect([path, isTooWide]).toEqual([path, false]);
    }
    await other.context.close();
  });

  it("knows a stranger, and tells the way in", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(new URL("/", seen.page.url()).href);
    await page.getByText("holdfast dashboard").waitFor();
    await context.close();
  });

  it("ends with the daemon", async () => {
    const { pid } = tree.run(["status", "--json"]).json<{ daemon: { pid: number } }>().daemon;
    const child = tree.children.find((one) => one.pid === pid)!;
    child.kill("SIGTERM");
    expect(await ended(child)).toBe(0);
  });
});
