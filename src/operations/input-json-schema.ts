/** A verb's input as JSON Schema, out of the schema that checks it. */

import * as z from "zod";
import type { Operation } from "./operation.ts";
import { schema } from "./schema.ts";

export interface InputJsonSchema {
  readonly properties: Readonly<Record<string, Record<string, unknown>>>;
  readonly required: readonly string[];
}

/** As callers send it: what has a default may be left out. Where relative paths start is filled in by whoever takes the call. */
export function inputJsonSchema(operation: Operation): InputJsonSchema {
  const { properties = {}, required = [] } = z.toJSONSchema(operation.input(schema), { io: "input" }) as {
    properties?: Record<string, Record<string, unknown>>;
    required?: string[];
  };
  const { cwd: _, ...asked } = properties;
  return {
    properties: operation.namesPaths === true ? asked : properties,
    required: required.filter((name) => name in asked),
  };
}
