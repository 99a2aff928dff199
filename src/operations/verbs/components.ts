/** `holdfast components`: what is protected, and whether it is as accepted. */

import { ACCEPTED } from "../../component/index.ts";
import { componentHealth } from "../component-health.ts";
import { operation } from "../operation.ts";

export const components = operation({
  name: "components",
  about: "What is protected, how, and whether it is as accepted",
  effect: "read",
  input: (z) => z.strictObject({}),
  command: { examples: ["holdfast components"] },
  async run({ house, writer }) {
    const config = house.config();
    const names = [...Object.keys(config.components), ...(house.baselines.of(ACCEPTED).length > 0 ? [ACCEPTED] : [])];
    return {
      components: names.map((name) => {
        const { paths, response, strict, scope } = config.components[name] ?? {
          paths: [],
          response: "repair",
          strict: true,
          scope: "branch",
        };
        return { name, paths, response, strict, scope, ...componentHealth(name, house, writer) };
      }),
    };
  },
  print: ({ components }, style) => {
    if (components.length === 0) return "nothing is protected yet  → holdfast protect <path>";
    return components
      .map(({ name, response, strict, files, drift, unaccepted }) => {
        const state = drift.length === 0 ? style.good("● held") : style.warn(`▲ ${drift.length} differ`);
        const rows = drift.slice(0, 5).map(({ path, kind }) => `\n    ${style.warn(kind.padEnd(12))} ${path}`);
        return `${state.padEnd(10)}  ${style.bold(name)}  ${style.dim(`${files} paths, ${response}${strict ? ", strict" : ""}${unaccepted.length > 0 ? `, ${unaccepted.length} changed and not accepted` : ""}`)}${rows.join("")}`;
      })
      .join("\n");
  },
});
