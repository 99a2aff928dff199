/**
 * Other people's launch agents and systemd units, as far as they say what is run, from where, and when. Pure. What is no such file, or
 * is damaged, is said and never guessed at.
 */

import { wordsOf } from "./shell-words.ts";

export interface ReadUnit {
  readonly label: string | null;
  /** What is started: a program and its arguments, as they stand there. */
  readonly command: readonly string[];
  readonly workingDirectory: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** It is started again when it ends. */
  readonly runsOn: boolean;
  readonly scheduled: boolean;
  readonly logs: readonly string[];
  /** What is wrong with it, though it can be read. */
  readonly odd: readonly string[];
}

export type UnitReading = { readonly unit: ReadUnit } | { readonly malformed: string };

export async function readPlist(text: string): Promise<UnitReading> {
  if (text.startsWith("bplist")) return { malformed: "a binary property list: plutil -convert xml1 makes it readable" };
  if (!/<plist[\s>]/.test(text)) return { malformed: firstLineOf(text) };
  const { parse } = await import("plist");
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    return { malformed: error instanceof Error ? error.message.split("\n", 1)[0]! : String(error) };
  }
  if (!isRecord(value)) return { malformed: "it holds no dictionary" };
  return { unit: unitOf(value, text) };
}

function unitOf(value: Record<string, unknown>, text: string): ReadUnit {
  const program = value["Program"];
  const args = value["ProgramArguments"];
  const words = Array.isArray(args) ? args.map(String) : [];
  const command = typeof program === "string" ? [program, ...words.slice(1)] : words;
  const keepAlive = value["KeepAlive"];
  const environment = isRecord(value["EnvironmentVariables"]) ? value["EnvironmentVariables"] : {};
  const odd: string[] = [];
  if (typeof value["Label"] !== "string") odd.push("it has no Label");
  if (command.length === 0) odd.push("it names no program");
  // The parser takes the first number of such a text and says nothing.
  for (const [, number] of text.matchAll(/<integer>([^<]*)<\/integer>/g))
    if (!/^\s*-?\d+\s*$/.test(number!)) odd.push(`"${number!.trim().replace(/\s+/g, " ")}" is no integer`);
  return {
    label: typeof value["Label"] === "string" ? value["Label"] : null,
    command,
    workingDirectory: typeof value["WorkingDirectory"] === "string" ? value["WorkingDirectory"] : null,
    environment: Object.fromEntries(Object.entries(environment).map(([name, one]) => [name, String(one)])),
    runsOn: keepAlive === true,
    scheduled: "StartInterval" in value || "StartCalendarInterval" in value || "WatchPaths" in value,
    logs: [value["StandardOutPath"], value["StandardErrorPath"]].filter((path) => typeof path === "string"),
    odd,
  };
}

/** A service unit. `hasTimer`: a timer starts it. */
export function readSystemdUnit(text: string, { name, hasTimer }: { name: string; hasTimer: boolean }): UnitReading {
  const values = new Map<string, string[]>();
  for (const line of text.replace(/\\\n/g, " ").split("\n")) {
    const pair = /^\s*([A-Za-z]+)\s*=(.*)$/.exec(line);
    if (pair) values.set(pair[1]!, [...(values.get(pair[1]!) ?? []), pair[2]!.trim()]);
  }
  if (!/^\s*\[Service\]\s*$/m.test(text)) return { malformed: "it has no [Service] section" };
  const start = values.get("ExecStart")?.at(-1) ?? "";
  const command = wordsOf(start.replace(/^[-@:+!]+/, "")).map((word) =>
    word.replaceAll("%%", "%").replaceAll("$$", "$"),
  );
  const environment = (values.get("Environment") ?? []).flatMap(wordsOf).map((pair) => pair.split(/=(.*)/s, 2));
  const logs = [...(values.get("StandardOutput") ?? []), ...(values.get("StandardError") ?? [])];
  const type = values.get("Type")?.at(-1) ?? "simple";
  return {
    unit: {
      label: name,
      command,
      workingDirectory: values.get("WorkingDirectory")?.at(-1)?.replaceAll("%%", "%") ?? null,
      environment: Object.fromEntries(environment.filter((pair) => pair.length === 2)),
      runsOn: type !== "oneshot" && !hasTimer,
      scheduled: hasTimer,
      logs: [...new Set(logs.flatMap((log) => /^(?:append|file|truncate):(.*)$/.exec(log)?.[1] ?? []))],
      odd: command.length === 0 ? ["it names no program"] : [],
    },
  };
}

function firstLineOf(text: string): string {
  const line = text.trim().split("\n", 1)[0]!.slice(0, 60);
  if (line === "") return "it is empty";
  return line.startsWith("#!") ? `a script lies in its place (${line})` : `it begins with "${line}"`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
