/** What a document says of itself, asked by name. Own properties only. */

import { isRecord, scalarText } from "./fields.ts";

export interface Facts {
  filename: string;
  value: Record<string, unknown>;
  /** True when one of the keys is there with a value that is not null. */
  has(...keys: string[]): boolean;
  /** The text at a key, or at `a.b`; empty when there is none. */
  text(key: string): string;
}

export function factsOf(value: Record<string, unknown>, filename: string): Facts {
  return {
    filename,
    value,
    has: (...keys) => keys.some((key) => Object.hasOwn(value, key) && value[key] !== null && value[key] !== ""),
    text: (name) => {
      const [key = "", below] = name.split(".");
      const found: unknown = Object.hasOwn(value, key) ? value[key] : null;
      if (below === undefined) return scalarText(found) ?? "";
      return isRecord(found) && Object.hasOwn(found, below) ? (scalarText(found[below]) ?? "") : "";
    },
  };
}
