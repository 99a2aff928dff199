/**
 * In CI the property tests try the same cases in every run, so that a change is judged by what it changed. Elsewhere the cases are new
 * each time: that is where a property finds something. `HOLDFAST_SEED=…` repeats a run.
 */

import fc from "fast-check";

const seed = process.env["HOLDFAST_SEED"] ?? (process.env["CI"] === undefined ? null : "20261124");
if (seed !== null) fc.configureGlobal({ seed: Number(seed) });
