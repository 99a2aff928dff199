/** The `holdfast.yaml` that `init` writes: short, valid, and teaching. */

import { parseDocument, stringify } from "yaml";
import { componentText, indented, withComponent } from "./config-text.ts";
import { DEFAULT_LAYOUT } from "./defaults.ts";
import { parseConfig } from "./parse-config.ts";
import { PRESETS, type Preset } from "./presets.ts";

/** A public mirror of the published package, so that an editor finds the schema wherever the tree is checked out. */
const SCHEMA_URL = "https://unpkg.com/holdfast/schema/holdfast.schema.json";

/**
 * `orders` adds the inbox and its agents; a preset these, and its components. `branch`: where a commit moves the accepted state
 * (`main` when it is `null`).
 */
export function configForInit(
  choice: { orders?: boolean; preset?: Preset | null; branch?: string | null } = {},
): string {
  const preset = choice.preset ? PRESETS[choice.preset] : null;
  return [
    HEAD,
    preset === null ? COMPONENTS_EXAMPLE : componentsText(preset.components),
    acceptText(choice.branch ?? "main"),
    choice.orders || preset !== null ? ordersText(preset?.commands ?? "submitted") : "",
  ].join("");
}

const HEAD = `# yaml-language-server: $schema=${SCHEMA_URL}
#
# Holdfast: what was fixed stays fixed. Every key has a default; lines that are commented out show it.
# What runs is the last accepted version of this file: holdfast accept holdfast.yaml
v: 1

# Every settled version of every path is remembered, except what is excluded here and what git ignores.
remember:
  # exclude: [node_modules, dist, "*.log"]  # .gitignore's syntax; replaces the default list
  # maxFile: 8MiB                           # of untracked, unprotected, not precious files
  precious: [".env*", "*.local.*", "*.sqlite*", "*.db"] # ignored by git, remembered all the same
  keep: { size: 5GiB, age: 14d } # of the history; what was accepted is never dropped

# What matters, and what must hold of it: holdfast protect <path>
`;

const COMPONENTS_EXAMPLE = `# components:
#   deploy: { paths: [scripts/deploy], executable: ["**/*.sh"], response: repair } # or observe, remember
`;

function componentsText(components: (typeof PRESETS)[Preset]["components"]): string {
  const texts = Object.entries(components).map(([name, component]) => indented(componentText(name, component), 2));
  return `components:\n${texts.join("")}`;
}

function acceptText(branch: string): string {
  const on = stringify([`commit@${branch}`], { collectionStyle: "flow", flowCollectionPadding: false }).trim();
  return `
# New content that is committed there moves the accepted state; a loss never does.
accept: { on: ${on} }
`;
}

function ordersText(commands: string): string {
  return `
# Where orders are dropped (<inbox>/<AGENT>/), and where Holdfast writes what became of them.
${stringify({ layout: DEFAULT_LAYOUT })}
# Who carries out the orders of an inbox: builtin (Holdfast), command (the agent's own CLI), route (passed on), manual.
agents:
  CLC: { run: builtin }
  CLS: { run: command, command: ["claude", "-p", "{prompt}"], timeout: 30m }
  ENTRY: { run: route }
  Mary: { run: manual }

# Which orders may run commands. submitted: those that came through \`holdfast submit\`; allow: dropped ones too; deny: none.
orders: { commands: ${commands} }
`;
}

/** What a preset adds to a configuration that is there already: the components and inboxes that it lacks. What it says stays. */
export function withPreset(text: string, name: Preset): string {
  const preset = PRESETS[name];
  const has = parseConfig(text);
  const missing = Object.entries(preset.components).filter(([component]) => !(component in has.components));
  const withAll = missing.reduce((edited, [component, input]) => withComponent(edited, component, input), text);
  if (has.layout !== null) return withAll;
  const document = parseDocument(withAll);
  const keys = document.contents === null ? [] : Object.keys(document.toJS() as object);
  const parts = ordersText(preset.commands).split(/\n(?=\n)/);
  const added = parts.filter((part) => !keys.some((key) => new RegExp(`^${key}:`, "m").test(part)));
  const edited = `${withAll.replace(/\n*$/, "\n")}${added.join("\n")}`;
  parseConfig(edited);
  return edited;
}

/** True for a text that `configForInit` wrote and nobody changed: two trees that have it need have nothing in common. */
export function isUntouchedInitText(text: string): boolean {
  const written = [{}, { orders: true }, { preset: "02luka" as const }].map((choice) =>
    withoutBranch(configForInit(choice)),
  );
  return written.includes(withoutBranch(text));
}

function withoutBranch(text: string): string {
  return text.replace(/^accept: .*$/m, "");
}
