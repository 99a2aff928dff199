/** A service as Holdfast wants it to be, whichever manager runs it. Pure: the texts that managers read are made from it. */

import { join } from "node:path";

export interface ServiceUnit {
  /** launchd's label; systemd's unit is `<label>.service`. */
  readonly label: string;
  readonly about: string;
  readonly command: readonly [string, ...string[]];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `null`: it runs all the time and is started again when it ends; else it runs once so often, and ends. */
  readonly everySeconds: number | null;
  /** What it says, beside what Holdfast logs by itself. Opened for appending, so that it can be cut back while it is open. */
  readonly log: string;
  /** Which tree wrote it. */
  readonly treeId: string;
}

export interface ServiceWish {
  readonly treeId: string;
  readonly root: string;
  /** `<home>/bin/holdfast`: it stays, and needs nothing of the environment. */
  readonly shim: string;
  /** Absolute folder. */
  readonly logs: string;
  /** Stage → label. Empty: one daemon does it all. */
  readonly stages: ReadonlyMap<string, string>;
}

/** The spec's five, each a client of its own, or one daemon. */
export function desiredUnits(wish: ServiceWish): ServiceUnit[] {
  if (wish.stages.size === 0) return [daemonUnit(wish)];
  return [...wish.stages].map(([stage, label]) => stageUnit(stage, label, wish));
}

export function daemonLabel(treeId: string): string {
  return `holdfast.${treeId}`;
}

const GUARDRAIL = "wo_pipeline_guardrail";
const GUARDRAIL_SECONDS = 300;

function daemonUnit(wish: ServiceWish): ServiceUnit {
  const label = daemonLabel(wish.treeId);
  return {
    ...common(label, join(wish.logs, "service.log"), wish),
    about: `Holdfast guards ${wish.root}`,
    command: [wish.shim, "up", "--tree", wish.root],
    everySeconds: null,
  };
}

function stageUnit(stage: string, label: string, wish: ServiceWish): ServiceUnit {
  const isGuardrail = stage === GUARDRAIL;
  return {
    ...common(label, join(wish.logs, isGuardrail ? "guardrail.log" : `${stage}.log`), wish),
    about: `Holdfast's ${stage} for ${wish.root}`,
    command: [wish.shim, "stage", stage, "--tree", wish.root, ...(isGuardrail ? ["--once", "--quiet"] : [])],
    everySeconds: isGuardrail ? GUARDRAIL_SECONDS : null,
  };
}

function common(label: string, log: string, { root, treeId }: ServiceWish) {
  return {
    label,
    log,
    treeId,
    workingDirectory: root,
    environment: { HOLDFAST_SERVICE: label, HOLDFAST_SERVICE_LOG: log, PATH: PATH },
  };
}

/** Of what orders and checks run: a manager's own knows neither Homebrew nor /usr/local. */
const PATH = "/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
