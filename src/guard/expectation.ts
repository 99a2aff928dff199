/**
 * What must hold of a path: the accepted state that applies here and now, and how its component wants it treated.
 *
 * A baseline of a tracked path belongs to the branch that it was accepted on. While another is checked out it still says what the path
 * is, and `otherBranch` tells that HEAD's own version may rightly stand there instead.
 */

import type { Entry, TreePath } from "../base/index.ts";
import { ACCEPTED, type BaselineEntry, type Baselines, type Membership, OWN } from "../component/index.ts";
import { type ComponentConfig, type Config, literalPath, patternMatcher } from "../tree/index.ts";

export type Treatment = Pick<ComponentConfig, "response" | "strict" | "scope" | "appendOnly">;

export interface Expectation {
  readonly path: TreePath;
  readonly component: string;
  readonly treatment: Treatment;
  /** `null` only for what grows and was never accepted: then it holds by its own last state. */
  readonly accepted: Entry | null;
  /** The ledger record that vouches for it. */
  readonly seq: number;
  /** The branch it was accepted on, where that is not the one checked out now; `undefined` where it is, or where git is none. */
  readonly otherBranch: string | null | undefined;
  /** Its absence was accepted later, on another branch: it holds of what belongs to a branch, and so of what git tracks. */
  readonly isLetGo: boolean;
}

export interface Expectations {
  at(path: TreePath): Expectation | null;
  /** The component that judges `path`, accepted or not: `null` where it is only remembered. */
  componentOf(path: TreePath): string | null;
  /** Of every accepted path, sorted. */
  all(): Expectation[];
}

interface Parts {
  readonly config: Config;
  readonly baselines: Baselines;
  readonly membership: Membership;
  /** What is checked out; `undefined` outside git. */
  readonly branch: string | null | undefined;
}

/** Of this moment: to be made anew when HEAD, the configuration or a baseline moved. */
export function openExpectations({ config, baselines, membership, branch }: Parts): Expectations {
  const rules = new Map(Object.entries(config.components).map(([name, one]) => [name, ruleOf(one)]));
  const letGo = Map.groupBy(baselines.letGo(), ({ path }) => path);

  function expectation(path: TreePath, entries: readonly BaselineEntry[]): Expectation | null {
    const component = membership.componentOf(path) ?? entries.find((entry) => entry.component === ACCEPTED)?.component;
    if (component === undefined) return null;
    const rule = rules.get(component) ?? BUILT_IN[component];
    if (rule === undefined || rule.treatment.response === "remember" || !rule.judges(path)) return null;
    const own =
      branch === undefined || component === OWN ? entries[0] : entries.find((entry) => entry.branch === branch);
    const baseline = own ?? entries[0];
    const gone = (letGo.get(path) ?? []).filter(({ seq }) => own === undefined || seq > own.seq);
    if (own === undefined && gone.some((one) => one.branch === (branch ?? null))) return null;
    if (baseline === undefined && !rule.treatment.appendOnly) return null;
    return {
      path,
      component,
      treatment: rule.treatment,
      accepted: baseline ? withExecBits(baseline.entry, rule.executes(path)) : null,
      seq: baseline?.seq ?? 0,
      otherBranch: own !== undefined || baseline === undefined ? undefined : baseline.branch,
      isLetGo: gone.some(({ seq }) => seq > (baseline?.seq ?? 0)),
    };
  }

  return {
    at: (path) => expectation(path, baselines.everywhere(path)),
    componentOf(path) {
      const component = membership.componentOf(path);
      const rule = component === null ? undefined : rules.get(component);
      return rule === undefined || rule.treatment.response === "remember" || !rule.judges(path) ? null : component;
    },
    all() {
      const byPath = new Map<TreePath, BaselineEntry[]>();
      for (const entry of baselines.all()) {
        const path = entry.path as TreePath;
        const known = byPath.get(path);
        if (known) known.push(entry);
        else byPath.set(path, [entry]);
      }
      const found: Expectation[] = [];
      for (const [path, entries] of byPath) {
        const one = expectation(
          path,
          entries.sort((a, b) => b.seq - a.seq),
        );
        if (one) found.push(one);
      }
      return found;
    },
  };
}

interface Rule {
  treatment: Treatment;
  judges(path: TreePath): boolean;
  executes(path: TreePath): boolean;
}

/** Of a `kind: directory` component only the folders themselves must stay; what comes and goes in them is remembered. */
function ruleOf(component: ComponentConfig): Rule {
  const folders = component.kind === "directory" ? new Set(component.paths.map(literalPath)) : null;
  const executables = component.executable.map(patternMatcher);
  return {
    treatment: component,
    judges: (path) => folders === null || folders.has(path),
    executes: (path) => executables.some((matches) => matches(path)),
  };
}

const BUILT_IN: Record<string, Rule> = {
  [ACCEPTED]: {
    treatment: { response: "repair", strict: true, scope: "branch", appendOnly: false },
    judges: () => true,
    executes: () => false,
  },
  [OWN]: {
    treatment: { response: "observe", strict: false, scope: "always", appendOnly: false },
    judges: () => true,
    executes: () => false,
  },
};

/** Who may read it may execute it. */
function withExecBits(entry: Entry, executes: boolean): Entry {
  if (!executes || entry.kind !== "file") return entry;
  return { ...entry, mode: entry.mode | ((entry.mode & 0o444) >> 2) };
}
