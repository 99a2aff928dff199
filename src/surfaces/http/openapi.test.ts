/** The OpenAPI document says what the verbs take, and nothing that only the command line has. */

import { expect, it } from "vitest";
import { openApi } from "./openapi.ts";

const { paths } = (await openApi("0.0.0")) as { paths: Record<string, Record<string, unknown>> };

it("names what reading verbs are asked with, in the query", () => {
  const { parameters } = paths["/api/history"]!["get"] as { parameters: { name: string; in: string }[] };
  expect(parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(["subject", "since", "limit"]));
  expect(parameters.map(({ name }) => name)).not.toContain("cwd");
  expect(new Set(parameters.map((one) => one.in))).toEqual(new Set(["query"]));
});

it("asks for the verb's name where something cannot be taken back", () => {
  const schemaOf = (path: string) =>
    (paths[path]!["post"] as { requestBody: { content: { "application/json": { schema: { properties: object } } } } })
      .requestBody.content["application/json"].schema;
  expect(schemaOf("/api/vault/prune").properties).toHaveProperty("confirm.const", "vault prune");
  expect(schemaOf("/api/restore").properties).not.toHaveProperty("confirm");
  expect(schemaOf("/api/restore").properties).toHaveProperty("from.description");
});

it("leaves out what only the command line has", () => {
  for (const verb of ["up", "mcp", "init", "dashboard", "completion"])
    expect(paths).not.toHaveProperty([`/api/${verb}`]);
});
