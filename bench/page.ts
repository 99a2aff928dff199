/** The page, in a browser on the same machine: how soon something is to be seen, how much it loads, how it scrolls. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Benchmark, Contestant } from "./harness/contest.ts";
import { fillLedger } from "./harness/fill-ledger.ts";
import { Holdfast } from "./harness/holdfast.ts";
import type { Stage } from "./harness/stage.ts";
import { webOf } from "./harness/web.ts";

const VOLUME_MIB = 1_024;
const PAINTS_PER_ROUND = 4;
const SCROLL_FRAMES = 120;
const VIEWPORT = { width: 1280, height: 800 };
const PAINT = "first contentful paint, ms";
const SCRIPT = "JavaScript, gzipped, kB";
const FRAMES = "between two frames while the ledger scrolls, ms";
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

export const page: Benchmark = {
  name: "page",
  measures: "the page in Chromium on loopback, and its ledger of 100,000 records",
  unit: "as named",
  rounds: { usual: 5, quick: 2 },
  async prepare(stage) {
    if (CHROMIUM === undefined)
      return { contestants: [script(stage)], bounds: [], missing: ["Chromium is not installed"], notes: [] };
    const { dir } = stage.volume(VOLUME_MIB);
    const root = join(dir, "tree");
    mkdirSync(root);
    writeFileSync(join(root, "README.md"), "A tree.\n");
    const holdfast = new Holdfast(stage, join(dir, "home"));
    holdfast.timed(["init", "--yes", root], root);
    await fillLedger(holdfast, await holdfast.tree(root), stage.quick ? 10_000 : 100_000);
    const daemon = await holdfast.startDaemon(root, stage, { page: true });
    await daemon.hasSwept();
    const web = await webOf(holdfast, root);
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
    stage.atEnd(() => void browser.close());
    const context = await browser.newContext({ viewport: VIEWPORT });
    const first = await context.newPage();
    await first.goto(web.link());
    const { origin } = new URL(first.url());
    return {
      contestants: [paint(browser, await context.storageState(), origin), script(stage), frames(context, origin)],
      bounds: [
        { kind: "gate", of: PAINT, statistic: "p99", against: null, limit: 300 },
        { kind: "gate", of: SCRIPT, statistic: "p50", against: null, limit: 120 },
        { kind: "goal", of: FRAMES, statistic: "p99", against: null, limit: 34 },
      ],
      missing: [],
      notes: [`each paint is a visit with empty caches; ${SCROLL_FRAMES} frames a round, a screen and more each`],
    };
  },
};

type StorageState = Awaited<ReturnType<BrowserContext["storageState"]>>;

function paint(browser: Browser, storageState: StorageState, origin: string): Contestant {
  return {
    name: PAINT,
    role: "ours",
    async measure() {
      const samples: number[] = [];
      for (let index = 0; index < PAINTS_PER_ROUND; index += 1) {
        const context = await browser.newContext({ storageState, viewport: VIEWPORT });
        try {
          const visit = await context.newPage();
          await visit.goto(origin);
          samples.push(await visit.evaluate<number>(FIRST_PAINT));
        } finally {
          await context.close();
        }
      }
      return samples;
    },
  };
}

/** Runs in the page. */
const FIRST_PAINT = `new Promise((resolve) => {
  new PerformanceObserver((list, observer) => {
    const [found] = list.getEntriesByName("first-contentful-paint");
    if (found === undefined) return;
    observer.disconnect();
    resolve(found.startTime);
  }).observe({ type: "paint", buffered: true });
})`;

function script({ root }: Pick<Stage, "root">): Contestant {
  const folder = join(root, "dist", "page", "assets");
  return {
    name: SCRIPT,
    role: "ours",
    measure: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith(".js") && isNamed(root, name))
        .reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length / 1_000, 0),
  };
}

/** Older builds lie beside the newest for a while. */
function isNamed(root: string, name: string): boolean {
  return readFileSync(join(root, "dist", "page", "index.html"), "utf8").includes(name);
}

function frames(context: BrowserContext, origin: string): Contestant {
  let visit: Page | null = null;
  return {
    name: FRAMES,
    role: "ours",
    async measure() {
      if (visit === null) {
        visit = await context.newPage();
        await visit.goto(`${origin}/history`);
        await visit.locator(".record .says").first().waitFor();
      }
      return visit.evaluate<number[]>(SCROLL);
    },
  };
}

/** Runs in the page: a screen and more at each frame, through a ledger that was not loaded yet. */
const SCROLL = `new Promise((resolve) => {
  const view = document.querySelector(".ledger");
  const step = view.scrollHeight / ${SCROLL_FRAMES};
  const samples = [];
  view.scrollTop = 0;
  let before = null;
  requestAnimationFrame(function frame(now) {
    if (before !== null) samples.push(now - before);
    before = now;
    view.scrollTop += step;
    if (samples.length < ${SCROLL_FRAMES}) requestAnimationFrame(frame);
    else resolve(samples);
  });
})`;
