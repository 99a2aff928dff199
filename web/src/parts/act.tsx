/** What can be done, beside what it is about, with the command that it equals; what came of it is said in the same place. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type ApiError, tell } from "../api.ts";
import { Copyable } from "./copy.tsx";

export interface Deed {
  readonly verb: string;
  readonly input: object;
  /** The same on the command line. */
  readonly command: string;
}

export function Act({
  deed,
  children,
  onDone,
  isMain = false,
}: {
  deed: Deed;
  children: ComponentChildren;
  onDone?: () => void;
  isMain?: boolean;
}) {
  const [state, setState] = useState<"idle" | "running" | "done">("idle");
  const [error, setError] = useState<ApiError | null>(null);
  const run = async () => {
    setState("running");
    setError(null);
    try {
      await tell(deed.verb, deed.input);
      setState("done");
      onDone?.();
    } catch (failed) {
      setState("idle");
      setError(failed as ApiError);
    }
  };
  return (
    <span class="act">
      <button
        type="button"
        class={isMain ? "main" : ""}
        title={deed.command}
        disabled={state === "running"}
        onClick={() => void run()}
      >
        {state === "running" ? "…" : state === "done" ? "✓ " : ""}
        {children}
      </button>
      {error !== null && <Failure error={error} />}
    </span>
  );
}

export function Failure({ error }: { error: ApiError }) {
  return (
    <span class="failure" role="alert">
      {error.message} <Copyable text={error.hint} kind="command" />
    </span>
  );
}
