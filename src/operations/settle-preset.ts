/** A tree of a known kind moves in: its components, launchers and folders, and a canary to see that all of it works. */

import { HoldfastError, isSystemError, printableLine, type TreePath } from "../base/index.ts";
import { type CanaryResult, runCanary } from "../health/index.ts";
import type { Actor } from "../ledger/index.ts";
import type { InstalledUnits } from "../services/index.ts";
import { CONFIG_FILE, checkComponents, type Preset, parseConfig, withPreset } from "../tree/index.ts";
import { replaceFile } from "../workorder/index.ts";
import type { Style } from "./operation.ts";
import { installPreset, type PresetInstalled } from "./preset-order.ts";
import { readConfigText } from "./read-config.ts";
import { installServices } from "./tree-services.ts";
import type { Writer } from "./writer.ts";

export interface PresetSettled extends PresetInstalled {
  readonly name: Preset;
  readonly canary: CanaryResult;
  /** Why the configuration that is there was not extended. */
  readonly configuration: string | null;
  /** `null`: somebody else's units have the names. */
  readonly services: InstalledUnits | null;
  readonly servicesRefused: string | null;
}

export async function settlePreset(
  name: Preset,
  writer: Writer,
  { actor, replace }: { actor: Actor; replace: boolean },
): Promise<PresetSettled> {
  const configuration = await extendConfiguration(name, writer, actor);
  const installed = await installPreset(name, writer, { actor, replace });
  await writer.projector.rebuild();
  const canary = await runCanary(writer.house, writer);
  return { name, ...installed, configuration, canary, ...(await settleServices(writer, { actor, replace })) };
}

/** Written, not started yet: that `init` lets go of the tree comes first. */
async function settleServices(
  { house }: Writer,
  { actor, replace }: { actor: Actor; replace: boolean },
): Promise<Pick<PresetSettled, "services" | "servicesRefused">> {
  const { tree, ports, ledger, store } = house;
  try {
    const services = await installServices(tree, house.config(), { split: true, start: false, replace }, ports);
    const { manager, files, aside, notStarted, changed } = services;
    if (changed.length > 0)
      store.transaction(() =>
        ledger.append({
          event: "service.installed",
          actor,
          data: { manager, files, aside, notStarted },
          summary: `${files.length} units for ${manager} installed`,
        }),
      );
    return { services, servicesRefused: null };
  } catch (error) {
    if (!(error instanceof HoldfastError) && !isSystemError(error)) throw error;
    return { services: null, servicesRefused: error.message };
  }
}

/** A configuration that somebody changed and did not accept is left alone: their edit would be accepted along. */
async function extendConfiguration(name: Preset, { house, engine }: Writer, actor: Actor): Promise<string | null> {
  const text = readConfigText(house.tree, house.ports.disk);
  if (text === null || house.configuration.differs(text))
    return `${CONFIG_FILE} was changed and is not accepted yet: holdfast accept ${CONFIG_FILE}, then init again`;
  const edited = withPreset(text, name);
  if (edited === text) return null;
  checkComponents(house.tree, parseConfig(edited));
  await replaceFile({ path: CONFIG_FILE as TreePath, content: Buffer.from(edited) }, house).finally(() =>
    engine.settle(),
  );
  await house.configuration.accept(edited, actor);
  return null;
}

export function presetLines(settled: PresetSettled, style: Style): string[] {
  const { name, wo, written, kept, failed, configuration, canary, services, servicesRefused } = settled;
  const failedStep = canary.steps.find(({ ok }) => !ok);
  return [
    failed !== null
      ? `${style.bad("✗")} preset ${name}: ${printableLine(failed)}`
      : `${style.good("✓")} preset ${name}: ${written.length === 0 ? "its launchers are there" : `${written.length} launchers installed by ${wo}`}`,
    ...kept.map(
      (path) =>
        `${style.warn("!")} ${printableLine(path)} is yours and stays  → holdfast init --preset ${name} --replace`,
    ),
    services === null
      ? `${style.warn("!")} its services were not installed: ${printableLine(servicesRefused ?? "")}  → holdfast service install --split --replace`
      : services.notStarted === null
        ? `${style.good("✓")} ${services.files.length} unit files for ${services.manager}, running`
        : `${style.warn("!")} ${services.files.length} unit files for ${services.manager}, not started: ${printableLine(services.notStarted)}`,
    ...(configuration === null ? [] : [`${style.warn("!")} ${printableLine(configuration)}`]),
    canary.ok
      ? `${style.good("✓")} ${canary.id} went the whole way`
      : `${style.bad("✗")} ${canary.id} failed at "${failedStep?.name}": ${printableLine(failedStep?.why ?? "")}`,
  ];
}
