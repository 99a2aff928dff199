/** Debian's Chromium at a real daemon's page. For tests. */

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { TestTree } from "../cli/holdfast.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
/** CI skips nothing: there its absence is a failure of the tests' prerequisites. */
export const hasBrowser = CHROMIUM !== undefined;

export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!,
    args: ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
  });
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the console and the page complained of. */
  readonly complaints: string[];
  goto(path: string): Promise<void>;
  /** Serious and critical findings of axe, a line each. */
  findings(): Promise<string[]>;
}

/** Comes in by a one-time link, as a person does. */
export async function visit(
  browser: Browser,
  tree: TestTree,
  { theme = "light", width = 1280 }: { theme?: "light" | "dark"; width?: number } = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: theme, bypassCSP: false });
  const page = await context.newPage();
  // Shorter than a test's own time: what was waited for in vain is named.
  page.setDefaultTimeout(25_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await page.goto(tree.run(["dashboard"]).out.trim());
  const { origin } = new URL(page.url());
  return {
    page,
    context,
    complaints,
    goto: async (path) => void (await page.goto(`${origin}${path}`)),
    findings: () => seriousFindings(page),
  };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}
