/**
 * One look at everything that must hold, by hand: remembers, compares, reports, and leaves the tree alone.
 *
 * What is as it should be again closes its incidents here, too, so that everything also works with no daemon.
 */

import { type Entry, HoldfastError, type TreePath } from "../base/index.ts";
import { ACCEPTED, OWN } from "../component/index.ts";
import type { Actor } from "../ledger/index.ts";
import { recordChecked } from "./checked.ts";
import type { Drift } from "./drift.ts";
import type { Expectation } from "./expectation.ts";
import { settleHeld } from "./judging.ts";
import { look, presentIn } from "./looking.ts";
import { resolve } from "./resolve.ts";
import { Interpreters } from "./unfit.ts";
import type { GuardWorld } from "./world.ts";

export interface CheckedDrift {
  readonly path: string;
  readonly kind: Drift["kind"];
  readonly expected: Entry;
  readonly actual: Entry;
  /** The known state that is back: `V12`, or a commit. */
  readonly matchesVersion?: string;
  /** The branch that it belongs to: the one checked out has it like this, and nothing is wrong. */
  readonly elsewhere?: string;
  readonly note?: string;
}

export interface CheckedComponent {
  readonly name: string;
  readonly ok: boolean;
  readonly drift: CheckedDrift[];
  /** New content, and files that were never accepted: going on, and no drift. */
  readonly unaccepted: string[];
}

/** `COMPONENT_UNKNOWN` for a name that none has. `names: null`: all of them. */
export async function check(
  { names, deep, actor }: { names: readonly string[] | null; deep: boolean; actor: Actor },
  world: GuardWorld,
): Promise<{ components: CheckedComponent[]; elapsedMs: number }> {
  const { ports, vault } = world;
  const beganMs = ports.clock.monotonicMs();
  const wanted = componentsNamed(names, world);
  await vault.remember(deep ? { deep: true } : {});
  const expectations = world.expectations();
  const expected = expectations.all().filter(({ component }) => wanted.has(component));
  const found = await compare(expected, world);
  const components = [...wanted].map((name) => report(name, found));
  addNeverAccepted(components, expectations.componentOf, world);
  const shown = components.filter(({ name, ok }) => name !== OWN || !ok);
  const elapsedMs = Math.round(ports.clock.monotonicMs() - beganMs);
  const drifted = shown.filter(({ ok }) => !ok);
  const missing = drifted.flatMap(({ drift }) =>
    drift.filter(({ kind }) => kind === "deleted").map(({ path }) => path),
  );
  recordChecked(
    { components: shown.length, drifted: drifted.map(({ name }) => name), missing, deep, ms: elapsedMs },
    actor,
    world,
  );
  return { components: shown, elapsedMs };
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
}

/** What differs, new content included; what a branch that is checked out rightly has otherwise is told apart. */
export async function compare(expected: readonly Expectation[], world: GuardWorld): Promise<Compared> {
  const { standing, vault } = world;
  const looked = await look(expected, presentIn(vault), false, world);
  settleHeld(looked.held, world);
  const foreign = looked.drifts.filter(
    ({ expected: one }) => one.otherBranch !== undefined && one.treatment.scope === "branch",
  );
  const tracked = await standing.tracked(
    foreign.map(({ expected: { path, otherBranch } }) => ({ path, branch: otherBranch ?? null })),
  );
  const matching = await standing.matchingHead(foreign.map(({ expected: { path } }) => path));
  const unfit = new Interpreters(world).unfit(expected);
  return {
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
  componentOf: (path: TreePath) => string | null,
  { vault, baselines }: GuardWorld,
): void {
  const byName = new Map(components.map((one) => [one.name, one]));
  const accepted = new Set<string>(baselines.paths());
  for (const { path, entry } of vault.statesAt()) {
    if (entry.kind === "dir" || accepted.has(path)) continue;
    const component = componentOf(path);
    if (component !== null) byName.get(component)?.unaccepted.push(path);
  }
  for (const { unaccepted } of components) unaccepted.sort();
}
