/** The words in which verbs describe their input. Named one by one, so that the rest of the schema library is left out. */

import * as z from "zod";

export const schema = {
  array: z.array,
  base64: z.base64,
  boolean: z.boolean,
  coerce: z.coerce,
  enum: z.enum,
  record: z.record,
  strictObject: z.strictObject,
  string: z.string,
};
export type Schema = typeof schema;
