/**
 * Keeps every view up to date: state files and acknowledgements at once, telemetry and the daily ledger a moment later,
 * `followup.json` at most every `LIMITS.followupDebounceMs`.
 *
 * Invariants: all of them can be made again from the store (`rebuild`). A view that cannot be written stops no order: it is kept in
 * `trouble` and tried again.
 * Crash: views may be behind or missing; `rebuild` brings them up to date.
 */

import { LIMITS } from "../base/index.ts";
import { mls, openProjector as openLedgerProjector, type Projection, telemetry } from "../ledger/index.ts";
import { orderPlaces, projectionPlaces } from "../tree/index.ts";
import { DueViews, type Trouble } from "./due-views.ts";
import { followupOf } from "./followup.ts";
import { FollowupItems } from "./followup-items.ts";
import type { OrderRow } from "./order-row.ts";
import { isPast, removeOrder, type Shown, showOrder } from "./order-views.ts";
import { outboxFolder } from "./outbox.ts";
import { ProjectionFiles } from "./projection-files.ts";
import { isStale } from "./state-file.ts";
import type { OrderWorld } from "./world.ts";

export interface Projector {
  /** To be told of every order that changed. Unless the order only waits for its turn, its state file and acknowledgement are there when it returns. */
  changed(rows: readonly OrderRow[]): void;
  /** To be called now and then: what was recorded since the last time, of whatever, reaches telemetry and the daily ledger. */
  recorded(): void;
  /** Everything is up to date, or in `trouble`, when it resolves: the end of a command. */
  flush(): Promise<void>;
  /** Makes again whatever is missing or differs: views, and the folders that orders come and go through. */
  rebuild(): Promise<void>;
  /** Marks orders that grew stale, takes away what canaries left behind, tries again what is in trouble. To be called now and then. */
  sweepStale(): Promise<void>;
  readonly trouble: readonly Trouble[];
}

export function openProjector(world: OrderWorld): Projector {
  return new OrderProjector(world);
}

/** The views beside orders; an order's view is planned under its id, which has no blank. */
const LEDGER_VIEWS = "telemetry and mls";
const FOLLOWUP = "the followup list";
const FOLDERS = "the order folders";
const ORDERS_PER_PAGE = 200;

class OrderProjector implements Projector {
  readonly #world: OrderWorld;
  readonly #files: ProjectionFiles;
  readonly #items: FollowupItems;
  readonly #views: DueViews;
  /** Orders that their state files call stale. */
  readonly #stale = new Set<string>();
  #recordedSeq: number;
  #ledgerViews: { key: string; views: Projection[] } | null = null;

  constructor(world: OrderWorld) {
    this.#world = world;
    this.#files = new ProjectionFiles(world);
    this.#items = new FollowupItems(world);
    this.#recordedSeq = world.ledger.head().seq;
    this.#views = new DueViews(world.ports, (view) => this.#write(view));
  }

  get trouble(): Trouble[] {
    return this.#views.trouble;
  }

  changed(rows: readonly OrderRow[]): void {
    for (const row of rows) {
      // Most orders begin at once: what they were for a millisecond is not worth a file.
      if (row.stage === "received") this.#views.plan(row.id, LIMITS.receivedViewDelayMs);
      else this.#showNow(row);
    }
    this.#views.plan(LEDGER_VIEWS, LIMITS.viewsDelayMs, LIMITS.ledgerViewsSpacingMs);
    this.#views.plan(FOLLOWUP, LIMITS.followupDebounceMs);
  }

  recorded(): void {
    const { seq } = this.#world.ledger.head();
    if (seq > this.#recordedSeq) this.#views.plan(LEDGER_VIEWS, LIMITS.viewsDelayMs);
    this.#recordedSeq = seq;
  }

  flush(): Promise<void> {
    return this.#views.flush();
  }

  async rebuild(): Promise<void> {
    const { store, ports } = this.#world;
    for (const view of [FOLDERS, LEDGER_VIEWS, FOLLOWUP]) this.#views.plan(view, 0);
    for (let after = ""; ; ) {
      const page = store.all<{ id: string }>(
        "SELECT id FROM work_order WHERE id > ? ORDER BY id LIMIT ?",
        after,
        ORDERS_PER_PAGE,
      );
      for (const { id } of page) this.#showNow(this.#world.book.mustRow(id));
      if (page.length < ORDERS_PER_PAGE) break;
      after = page.at(-1)!.id;
      await ports.clock.breathe();
    }
    await this.flush();
  }

  async sweepStale(): Promise<void> {
    const { book, ports } = this.#world;
    const nowMs = ports.clock.now();
    const stale = book.rows({ statuses: ["pending", "running"] }).filter((row) => isStale(row, nowMs));
    const fresh = stale.filter(({ id }) => !this.#stale.has(id));
    this.#stale.clear();
    for (const { id } of stale) this.#stale.add(id);
    if (fresh.length > 0) this.changed(fresh);
    for (const id of this.#pastCanaries()) this.#views.plan(id, 0);
    await this.flush();
  }

  /** Where somebody else's bytes stand they are kept first, and that has to wait for the vault. */
  #showNow(row: OrderRow): void {
    this.#views.now(row.id, () => {
      if (this.#show(row).length > 0) this.#views.plan(row.id, 0);
    });
  }

  #show(row: OrderRow): Shown["foreign"] {
    const { state, foreign } = showOrder(row, this.#files, this.#world);
    this.#items.change(row, state);
    return foreign;
  }

  async #write(view: string): Promise<void> {
    switch (view) {
      case FOLDERS:
        return this.#makeFolders();
      case LEDGER_VIEWS:
        return this.#followLedger();
      case FOLLOWUP:
        return this.#writeFollowup();
      default:
        return this.#writeOrder(view);
    }
  }

  async #writeOrder(id: string): Promise<void> {
    const row = this.#world.book.mustRow(id);
    if (isPast(row, this.#world)) return removeOrder(row, this.#files, this.#world);
    for (const { place, text } of showOrder(row, this.#files, this.#world).foreign)
      await this.#files.replace(place, text);
  }

  async #writeFollowup(): Promise<void> {
    const { tree, config, ports } = this.#world;
    const followup = followupOf(this.#items.all(), ports.process.userName());
    const place = projectionPlaces(tree, config()).dashboard;
    const text = `${JSON.stringify(followup, null, 2)}\n`;
    if (this.#files.write(place, text) === "foreign") await this.#files.replace(place, text);
  }

  async #followLedger(): Promise<void> {
    const { store, ledger, ports } = this.#world;
    const projector = openLedgerProjector({ store, ledger, clock: ports.clock, disk: ports.disk });
    await projector.follow(...this.#viewsOfLedger());
  }

  /** Made once for a layout: they remember how far their files were looked at. */
  #viewsOfLedger(): Projection[] {
    const { store, ports, tree, config } = this.#world;
    const { telemetry: file, mls: folder } = projectionPlaces(tree, config());
    const key = `${file}\0${folder}`;
    if (this.#ledgerViews?.key !== key) {
      const lines = { store, disk: ports.disk, root: config().layout === null ? tree.state.dir : tree.root };
      this.#ledgerViews = { key, views: [telemetry(file, lines), mls(folder, lines)] };
    }
    return this.#ledgerViews.views;
  }

  #makeFolders(): void {
    const { tree, config } = this.#world;
    const orders = orderPlaces(tree, config());
    if (orders === null) return;
    const { state, mls, reports, logs } = projectionPlaces(tree, config());
    const agents = Object.keys(config().agents);
    const inboxes = agents.map((agent) => `${orders.inbox}/${agent}`);
    const outboxes = agents.map((agent) => outboxFolder(this.#world, agent));
    for (const folder of [...inboxes, ...outboxes, orders.archive, orders.failed, state, mls, reports, logs])
      this.#files.makeFolder(folder);
  }

  /** Those that are still shown although their time is over. */
  #pastCanaries(): string[] {
    const { book, ports, tree, config } = this.#world;
    const folder = projectionPlaces(tree, config()).state;
    if (ports.disk.lstat(folder)?.kind !== "dir") return [];
    const ids = ports.disk.list(folder).names.flatMap(({ name }) => /^(WO-CANARY-.*)\.json$/.exec(name)?.[1] ?? []);
    return ids.filter((id) => {
      const row = book.row(id);
      return row !== null && isPast(row, this.#world);
    });
  }
}
