/** The kinds of values in `holdfast.yaml`. Functions, so that a command that reads no configuration builds no schema. */

import * as z from "zod";
import { HoldfastError, parseDuration, parseSize } from "../base/index.ts";
import { parseTreePath } from "./path.ts";

const DURATION = "must be a duration such as 30s, 5m, 24h";
export const duration = () =>
  z
    .string(DURATION)
    .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, DURATION)
    .transform((text) => parseDuration(text)!)
    .refine((ms) => ms <= 36_500 * 86_400_000, "must be at most 36500d");

/** A duration that becomes a timer. Zero would spin, and so would 25 days: Node fires a timer beyond 2^31 ms at once. */
export const wait = () => duration().refine((ms) => ms >= 1_000 && ms <= 24 * 86_400_000, "must be between 1s and 24d");

const SIZE = "must be a size such as 500KB, 8MiB, 5GiB";
export const size = () =>
  z
    .string(SIZE)
    .regex(/^\d+(\.\d+)?\s*(B|KB|KiB|MB|MiB|GB|GiB|TB|TiB)$/, SIZE)
    .transform((text) => parseSize(text)!);

export const text = () => z.string().min(1, "must not be empty");
export const texts = () => z.array(text());

export const treePath = () =>
  z.string().transform((value, context) => {
    try {
      return parseTreePath(value) as string;
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      context.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });

export const absolutePath = () =>
  z
    .string()
    .regex(/^(\/|~\/)./, "must be an absolute path, or start with ~/")
    .refine((value) => !value.split("/").includes(".."), 'must not contain ".."');
