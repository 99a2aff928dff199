/**
 * What a preset puts into a tree, as a work order like any other: snapshotted, applied all or nothing, verified, accepted, recorded.
 *
 * A file of somebody else's at a launcher's path stays and is said, unless it is to be replaced: then it is in the vault first.
 */

import { isoTime, type Ports, type WorkOrderId } from "../base/index.ts";
import type { Actor } from "../ledger/index.ts";
import {
  installLauncherShim,
  isPresetLauncher,
  type Preset,
  type PresetFile,
  presetFiles,
  presetFolders,
  type Tree,
} from "../tree/index.ts";
import { bytesAt, type Operation, orderFromOperations } from "../workorder/index.ts";
import type { Writer } from "./writer.ts";

export interface PresetInstalled {
  /** `null`: everything was there. */
  readonly wo: string | null;
  readonly written: string[];
  /** Other people's files that stand where a launcher would. */
  readonly kept: string[];
  /** Why nothing was written. */
  readonly failed: string | null;
}

export async function installPreset(
  preset: Preset,
  { engine, house }: Writer,
  { actor, replace }: { actor: Actor; replace: boolean },
): Promise<PresetInstalled> {
  const { ports, tree } = house;
  const files = presetFiles(preset, installLauncherShim(ports));
  const standing = files.map((file) => ({ file, is: standingOf(file, tree, ports) }));
  const kept = replace ? [] : standing.filter(({ is }) => is === "another's").map(({ file }) => file.path);
  const wanted = standing.filter(({ is, file }) => is !== "as wanted" && !kept.includes(file.path));
  const folders = presetFolders(preset).filter((path) => ports.disk.lstat(`${tree.root}/${path}`) === null);
  if (wanted.length === 0 && folders.length === 0) return { wo: null, written: [], kept, failed: null };
  const operations = [
    ...folders.map((path): Operation => ({ op: "mkdir", path, mode: null })),
    ...wanted.map(({ file }): Operation => writing(file)),
  ];
  const stamp = isoTime(ports.clock.now()).replace(/[-:]|\.\d+Z$/g, "");
  const id = `WO-PRESET-${preset.toUpperCase()}-${stamp}` as WorkOrderId;
  const order = orderFromOperations({ id, title: `Install the preset ${preset}`, tags: ["preset"], operations });
  const raw = Buffer.from(JSON.stringify(order));
  await engine.submit([{ order, raw, filename: null, agent: null, via: "cli", inboxPath: null, actor }]);
  const row = await engine.finished(id);
  const isDone = row.stage === "accepted";
  const written = isDone ? wanted.map(({ file }) => file.path) : [];
  return { wo: id, written, kept, failed: isDone ? null : (row.error?.message ?? `it ended ${row.stage}`) };
}

const LAUNCHER_MODE = 0o755;

function writing({ path, text }: PresetFile): Operation {
  return { op: "write", path, content: Buffer.from(text).toString("base64"), mode: LAUNCHER_MODE, sha256: null };
}

function standingOf(
  { path, text }: PresetFile,
  { root }: Tree,
  { disk }: Ports,
): "absent" | "as wanted" | "ours" | "another's" {
  const place = `${root}/${path}`;
  const stat = disk.lstat(place);
  if (stat === null) return "absent";
  if (stat.kind !== "file") return "another's";
  const there = bytesAt(disk, place).toString();
  if (there === text && (stat.mode & 0o111) !== 0) return "as wanted";
  return there === text || isPresetLauncher(there) ? "ours" : "another's";
}
