/**
 * A vanished, unmounted or exchanged tree is an alarm, not ten thousand repairs: while the brake is pulled nothing is judged.
 * One incident, opened when trouble begins and resolved when the root is back; a sweep then looks at everything.
 */

import type { RootTrouble } from "./contract.ts";
import { resolve } from "./resolve.ts";
import { GUARD, type GuardWorld } from "./world.ts";

export class Brake {
  readonly #world: GuardWorld;
  #pulled: { incident: string; sinceMs: number } | null = null;

  /** Trouble that a process before this one met is told anew if it lasts. */
  constructor(world: GuardWorld) {
    this.#world = world;
    const left = world.incidents.rows({ state: "open" }).filter(({ response }) => response === "brake");
    if (left.length > 0)
      world.store.transaction(() =>
        resolve(
          left.map(({ id }) => id),
          "itself",
          world,
        ),
      );
  }

  get isPulled(): boolean {
    return this.#pulled !== null;
  }

  pull({ kind, why, sinceMs }: RootTrouble): void {
    const { incidents, store } = this.#world;
    if (this.#pulled !== null) return;
    const incident = incidents.newId();
    const shared = { actor: GUARD, ok: false, incident };
    const summary = `the tree is not there: ${why}; nothing is repaired until it is back`;
    store.transaction(() => {
      incidents.record({ ...shared, event: "incident.opened", data: { key: null }, summary });
      incidents.record({ ...shared, event: "guard.brake", data: { kind, why }, summary });
      incidents.record({ ...shared, event: "incident.escalated", data: { reason: why }, summary });
    });
    this.#pulled = { incident, sinceMs };
  }

  release(): void {
    const { incidents, store, ports } = this.#world;
    const pulled = this.#pulled;
    if (pulled === null) return;
    this.#pulled = null;
    store.transaction(() => {
      const ms = Math.max(0, Math.round(ports.clock.now() - pulled.sinceMs));
      const summary = "the tree is back";
      const { incident } = pulled;
      incidents.record({ event: "guard.brake-released", actor: GUARD, incident, data: { ms }, summary });
      resolve([incident], "itself", this.#world);
    });
  }
}
