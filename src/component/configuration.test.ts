import { expect, it } from "vitest";
import { canonicalJson, digestOf } from "../base/index.ts";
import { configJsonSchema } from "../tree/index.ts";
import { CONFIG_FORMAT } from "./configuration.ts";

it("keeps parsed configurations only as long as their shape is the same", () => {
  // When this fails, the schema changed: raise CONFIG_FORMAT, then note the new pair here.
  expect([CONFIG_FORMAT, digestOf(canonicalJson(configJsonSchema())).slice(0, 19)]).toEqual([2, "sha256:b073b667c365"]);
});
