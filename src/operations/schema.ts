/** The words in which verbs describe their input. Named one by one, so that the rest of the schema library is left out. */

import { array, base64, boolean, coerce, enum as oneOf, record, strictObject, string } from "zod";

export const schema = { array, base64, boolean, coerce, enum: oneOf, record, strictObject, string };
export type Schema = typeof schema;
