/** Components and incidents as MCP resources: a list of each, and each by its name or id. What stands there is what the verbs answer. */

import { type McpServer, ResourceTemplate, type ServerContext } from "@modelcontextprotocol/server";
import { printableJson } from "../../base/index.ts";
import type { Answer } from "./server.ts";

const JSON_TYPE = "application/json";
const COMPONENTS = "holdfast://components";
const INCIDENTS = "holdfast://incidents";

export function offerResources(server: McpServer, ask: Answer): void {
  const components = (context: ServerContext) =>
    ask("components", {}, context) as Promise<{ components: { name: string; drift: unknown[] }[] }>;
  const incidents = (context: ServerContext) =>
    ask("incidents", {}, context) as Promise<{ incidents: { id: string; state: string }[] }>;

  server.registerResource(
    "components",
    COMPONENTS,
    { title: "Components", description: "What is protected, how, and whether it is as accepted", mimeType: JSON_TYPE },
    async (uri, context) => document(uri, await components(context)),
  );
  server.registerResource(
    "component",
    new ResourceTemplate(`${COMPONENTS}/{name}`, {
      list: async (context) => ({
        resources: (await components(context)).components.map(({ name, drift }) => ({
          uri: `${COMPONENTS}/${encodeURIComponent(name)}`,
          name,
          description: drift.length === 0 ? "as accepted" : `${drift.length} paths differ`,
          mimeType: JSON_TYPE,
        })),
      }),
    }),
    { title: "A component", mimeType: JSON_TYPE },
    async (uri, { name }, context) => {
      const found = (await components(context)).components.find((one) => one.name === decodeURIComponent(String(name)));
      if (found === undefined) throw new Error(`there is no component ${String(name)}`);
      return document(uri, found);
    },
  );
  server.registerResource(
    "incidents",
    INCIDENTS,
    { title: "Incidents", description: "What went wrong lately, newest first", mimeType: JSON_TYPE },
    async (uri, context) => document(uri, await incidents(context)),
  );
  server.registerResource(
    "incident",
    new ResourceTemplate(`${INCIDENTS}/{id}`, {
      list: async (context) => ({
        resources: (await incidents(context)).incidents.map(({ id, state }) => ({
          uri: `${INCIDENTS}/${encodeURIComponent(id)}`,
          name: id,
          description: state,
          mimeType: JSON_TYPE,
        })),
      }),
    }),
    { title: "An incident", description: "Its timeline, and what each path was and became", mimeType: JSON_TYPE },
    async (uri, { id }, context) =>
      document(uri, await ask("incidents show", { id: decodeURIComponent(String(id)) }, context)),
  );
}

function document(uri: URL, value: unknown) {
  return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text: printableJson(value) }] };
}
