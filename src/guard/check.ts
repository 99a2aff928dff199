/**
 * One look at everything that must hold, by hand: remembers, compares, reports, and leaves the tree alone.
 *
 * What is as it should be again closes its incidents here, too, so that everything also works with no daemon.
 */

import { ABSENT, type Entry, HoldfastError, type TreePath } from "../base/index.ts";
import { ACCEPTED, OWN } from "../component/index.ts";
import type { Actor } from "../ledger/index.ts";
import { type CheckedComponent, recordChecked } from "./checked.ts";
import type { Drift } from "./drift.ts";
import type { Expectation } from "./expectation.ts";
import { type Holding, keepHolding, stillHolding } from "./holds.ts";
import { settleHeld } from "./judging.ts";
import { look, presentIn } from "./looking.ts";
import { resolve } from "./resolve.ts";
import { cannotRun, Interpreters } from "./unfit.ts";
import type { GuardWorld } from "./world.ts";

/** `COMPONENT_UNKNOWN` for a name that none has. `names: null`: all of them. */
export async function check(
  { names, deep, actor }: { names: readonly string[] | null; deep: boolean; actor: Actor },
  world: GuardWorld,
): Promise<{ components: CheckedComponent[]; elapsedMs: number }> {
  const { ports, vault } = world;
  const beganMs = ports.clock.monotonicMs();
  if (names !== null) componentsNamed(names, world);
  await vault.remember(deep ? { deep: true } : {});
  // Nothing of the tree tells that a service went down.
  const hasServices = Object.values(world.config().components).some(({ service }) => service !== null);
  const holding = names === null && !hasServices ? stillHolding(world) : null;
  const found = holding === null ? await compareAll(componentsNamed(names, world), world) : null;
  const shown = holding ?? found!.shown;
  const elapsedMs = Math.round(ports.clock.monotonicMs() - beganMs);
  const drifted = shown.filter(({ ok }) => !ok);
  const missing = drifted.flatMap(({ drift }) =>
    drift.filter(({ kind }) => kind === "deleted").map(({ path }) => path),
  );
  const checked = { components: shown.length, drifted: drifted.map(({ name }) => name), missing, deep, ms: elapsedMs };
  world.store.transaction(() => {
    recordChecked(checked, actor, world);
    if (names !== null || found === null) return;
    const { asOf, interpreters, isKept } = found;
    keepHolding(isKept ? { ...asOf, components: shown, interpreters } : null, world);
  });
  return { components: shown, elapsedMs };
}

interface ComparedAll {
  readonly shown: CheckedComponent[];
  /** When it was begun: what moves while it is compared is not in it. */
  readonly asOf: Pick<Holding, "upTo" | "seq" | "branch">;
  /** They must be there. */
  readonly interpreters: string[];
  /** It holds by the baselines alone. */
  readonly isKept: boolean;
}

async function compareAll(wanted: ReadonlySet<string>, world: GuardWorld): Promise<ComparedAll> {
  const { vault, ledger } = world;
  const asOf = { upTo: vault.versionHead(), seq: ledger.head().seq, branch: world.branch() };
  const present = new Map<TreePath, Entry>();
  for (const { path, entry } of vault.statesAt({ upTo: asOf.upTo })) present.set(path, entry);
  const expectations = world.expectations();
  const expected = expectations.all().filter(({ component }) => wanted.has(component));
  const found = await compare(expected, world, (path) => present.get(path) ?? ABSENT);
  const components = [...wanted].map((name) => report(name, found));
  addNeverAccepted(components, present, expectations.componentOf, world);
  const shown = components.filter(({ name, ok }) => name !== OWN || !ok);
  return { shown, asOf, interpreters: found.interpreters, isKept: found.isAsAccepted };
}

function componentsNamed(names: readonly string[] | null, { config, baselines }: GuardWorld): Set<string> {
  const known = [...Object.keys(config().components), ...(baselines.of(ACCEPTED).length > 0 ? [ACCEPTED] : []), OWN];
  if (names === null) return new Set(known);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new HoldfastError("COMPONENT_UNKNOWN", `there is no component ${name}`, { data: { component: name } });
  }
  return new Set(names);
}

export interface Compared {
  readonly drifts: readonly { readonly drift: Drift; readonly elsewhere: string | null }[];
  /** Everything is as its baseline says, and no other witness was asked. */
  readonly isAsAccepted: boolean;
  /** That executable files name. */
  readonly interpreters: string[];
}

/** What differs, new content included; what a branch that is checked out rightly has otherwise is told apart. */
export async function compare(
  expected: readonly Expectation[],
  world: GuardWorld,
  presentOf: (path: TreePath) => Entry = presentIn(world.vault),
): Promise<Compared> {
  const { standing } = world;
  const looked = await look(expected, presentOf, false, world);
  settleHeld(looked.held, world);
  const foreign = looked.drifts.filter(
    ({ expected: one }) => one.otherBranch !== undefined && one.treatment.scope === "branch",
  );
  const tracked = await standing.tracked(
    foreign.map(({ expected: { path, otherBranch } }) => ({ path, branch: otherBranch ?? null })),
  );
  const matching = await standing.matchingHead(foreign.map(({ expected: { path } }) => path));
  const interpreters = new Interpreters(world);
  const unfit = await cannotRun(expected, interpreters, world.services);
  const isAsAccepted =
    looked.drifts.length + unfit.length === 0 &&
    looked.held.every(({ expected: one, isAccepted }) => isAccepted && !one.isLetGo && one.accepted !== null);
  return {
    isAsAccepted,
    interpreters: interpreters.named(),
    drifts: [...looked.drifts, ...unfit].map(({ expected: { path, otherBranch, treatment }, drift }) => {
      const isElsewhere =
        otherBranch !== undefined && treatment.scope === "branch" && tracked.has(path) && matching.has(path);
      return { drift, elsewhere: isElsewhere ? (otherBranch ?? "a detached HEAD") : null };
    }),
  };
}

/** After somebody accepted something: what stood against it is over, with a daemon or without. */
export async function settleIncidents(world: GuardWorld): Promise<void> {
  const { incidents, vault, store } = world;
  const expectations = world.expectations();
  const standing = incidents.standing().filter(({ drift }) => drift.change !== "unfit");
  const paths = [...new Set(standing.map(({ drift }) => drift.path as TreePath))];
  const looked = await look(
    paths.flatMap((path) => expectations.at(path) ?? []),
    presentIn(vault),
    false,
    world,
  );
  const held = new Set(looked.held.map(({ expected }) => expected.path));
  const over = paths.filter((path) => held.has(path) || expectations.at(path) === null);
  if (over.length > 0) store.transaction(() => resolve(incidents.clear(over), "accept", world));
}

function report(name: string, { drifts }: Compared): CheckedComponent {
  const own = drifts.filter(({ drift }) => drift.component === name);
  // A changed configuration does not run: it is drift, however new.
  const isDrift = ({ change }: Drift) => change !== "new" || name === OWN;
  const drift = own.filter((one) => isDrift(one.drift));
  return {
    name,
    ok: drift.every(({ elsewhere }) => elsewhere !== null),
    drift: drift.map(({ drift: one, elsewhere }) => ({
      path: one.path,
      kind: one.kind,
      expected: one.goal,
      actual: one.present,
      ...(one.matches === null ? {} : { matchesVersion: one.matches.commit ?? `V${one.matches.version}` }),
      ...(elsewhere === null ? {} : { elsewhere }),
      ...(one.note === undefined ? {} : { note: one.note }),
    })),
    unaccepted: own.filter((one) => !isDrift(one.drift)).map(({ drift: one }) => one.path),
  };
}

function addNeverAccepted(
  components: readonly CheckedComponent[],
  present: ReadonlyMap<TreePath, Entry>,
  componentOf: (path: TreePath) => string | null,
  { baselines }: GuardWorld,
): void {
  const byName = new Map(components.map((one) => [one.name, one]));
  const accepted = new Set<string>(baselines.paths());
  for (const [path, entry] of present) {
    if (entry.kind === "dir" || accepted.has(path)) continue;
    const component = componentOf(path);
    if (component !== null) byName.get(component)?.unaccepted.push(path);
  }
  for (const { unaccepted } of components) unaccepted.sort();
}
