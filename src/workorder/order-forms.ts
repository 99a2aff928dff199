/** Normal forms of orders, as they lie in the vault. The last ones are kept: an order's is asked for at every step of its way. */

import type { Digest } from "../base/index.ts";
import type { Vault } from "../vault/index.ts";
import type { WorkOrder } from "./order.ts";

/** In UTF-16 units of their JSON, all together. */
const KEPT_LENGTH_MAX = 4 << 20;

export class OrderForms {
  readonly #vault: Pick<Vault, "read">;
  readonly #kept = new Map<Digest, { order: WorkOrder; length: number }>();
  #length = 0;

  constructor(vault: Pick<Vault, "read">) {
    this.#vault = vault;
  }

  /** Not to be changed by anybody. */
  read(digest: Digest): WorkOrder {
    return this.#kept.get(digest)?.order ?? this.keep(digest, this.#vault.read(digest).toString());
  }

  /** For what is on its way into the vault, and will be asked for at once. */
  keep(digest: Digest, text: string): WorkOrder {
    const order = JSON.parse(text) as WorkOrder;
    this.#drop(digest);
    this.#kept.set(digest, { order, length: text.length });
    this.#length += text.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#length <= KEPT_LENGTH_MAX) break;
      this.#drop(oldest);
    }
    return order;
  }

  #drop(digest: Digest): void {
    this.#length -= this.#kept.get(digest)?.length ?? 0;
    this.#kept.delete(digest);
  }
}
