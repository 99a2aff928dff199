/** One tree as hooks ask about it: answered from its store, whoever opened it. */

import { isSystemError, type Ports, type TreePath } from "../base/index.ts";
import { dropReport, dropReportOfEnd, type HookReport, reportsFolder } from "../cause/index.ts";
import { type Kept, readKept } from "../component/index.ts";
import { type KeptPaths, noteEnded, type TreeDesk } from "../hooks/index.ts";
import type { Tree } from "../tree/index.ts";
import type { House } from "./house.ts";
import { keptOf } from "./kept-cache.ts";

/** In a daemon: what must stay is read again when something was recorded. */
export function deskOf(house: House, remember: TreeDesk["remember"]): TreeDesk {
  const { tree, ports, store, ledger } = house;
  let read: { seq: number; kept: KeptPaths } | null = null;
  return {
    root: tree.root,
    remember,
    kept() {
      const { seq } = ledger.head();
      if (read?.seq !== seq) read = { seq, kept: placed(readKept(store), tree) };
      return read.kept;
    },
    report: (report) => dropInto(tree, report, ports),
    async ended(report) {
      const whole = dropEnd(tree, report, ports);
      const forgotten = await remember();
      if (forgotten === null) noteEnded(whole, house);
      return forgotten;
    },
    openIncidents: async () => (await import("./hook-knowledge.ts")).openIncidentsOf(house),
    knownOf: async (path) => (await import("./hook-knowledge.ts")).knownOf(path as TreePath, house),
  };
}

export interface DeskAlone extends TreeDesk {
  close(): void;
}

/** In a process of its own: opens what a question needs, and no more. */
export function deskAlone(
  tree: Tree,
  ports: Ports,
  remember: (ended: HookReport | null) => Promise<string | null>,
): DeskAlone {
  let kept: KeptPaths | null = null;
  let house: House | null = null;
  const opened = async () => {
    const { openHouse } = await import("./house.ts");
    house ??= await openHouse(tree, ports, { readOnly: true });
    return house;
  };
  return {
    root: tree.root,
    remember: () => remember(null),
    kept() {
      kept ??= placed(keptOf(tree, ports), tree);
      return kept;
    },
    report: (report) => dropInto(tree, report, ports),
    ended: (report) => remember(dropEnd(tree, report, ports)),
    openIncidents: async () => (await import("./hook-knowledge.ts")).openIncidentsOf(await opened()),
    knownOf: async (path) => (await import("./hook-knowledge.ts")).knownOf(path as TreePath, await opened()),
    close() {
      house?.close();
    },
  };
}

function placed({ paths, onError }: Kept, { root }: Tree): KeptPaths {
  return { places: new Map(paths.map(({ path, component }) => [`${root}/${path}`, component])), onError };
}

function dropInto(tree: Tree, report: HookReport, ports: Ports): string | null {
  try {
    dropReport(reportsFolder(tree.state), report, ports);
    return null;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return `who does it cannot be noted: ${error.message}`;
  }
}

/** With its beginning, where that was told. */
function dropEnd(tree: Tree, report: HookReport, ports: Ports): HookReport {
  try {
    return dropReportOfEnd(reportsFolder(tree.state), report, ports);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return report;
  }
}
