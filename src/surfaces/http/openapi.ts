/** The web API as an OpenAPI document, derived from the verbs: served at `/api/openapi.json`, and kept as `docs/openapi.json`. */

import { CATALOG, type CatalogEntry, inputJsonSchema, type Operation } from "../../operations/index.ts";
import { methodOf, optionName } from "./verb-request.ts";

export async function openApi(version: string): Promise<Record<string, unknown>> {
  const paths: Record<string, unknown> = { ...BESIDE };
  for (const entry of CATALOG) {
    const operation = await entry.load();
    if (operation.commandLineOnly === true) continue;
    const method = methodOf(operation).toLowerCase();
    paths[`/api/${entry.name.replaceAll(" ", "/")}`] = { [method]: describe(operation, entry) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Holdfast",
      version,
      description:
        "The verbs of a tree's daemon, on loopback. Reading verbs are asked for (GET), the others told (POST). Answers are those of `--json`: docs/formats.md.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "http://127.0.0.1:4410", description: "The page's port; `holdfast dashboard --json` tells it." }],
    security: [{ token: [] }, { cookie: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "`page-token` in the tree's state folder." },
        cookie: { type: "apiKey", in: "cookie", name: "holdfast-4410", description: "By the one-time link." },
      },
      schemas: { Error: ERROR },
      responses: {
        Error: {
          description: "What went wrong, and what to do: docs/errors.md.",
          ...json({ $ref: "#/components/schemas/Error" }),
        },
      },
    },
  };
}

function describe(operation: Operation, { area }: CatalogEntry): Record<string, unknown> {
  const { properties, required } = inputJsonSchema(operation);
  const about = meanings(operation);
  const described = Object.entries(properties).map(([name, schema]) => ({
    name,
    schema,
    description: about.get(name),
  }));
  const common = {
    operationId: operation.name.replace(/[ -](.)/g, (_, letter: string) => letter.toUpperCase()),
    summary: operation.about,
    tags: [area],
    responses: {
      "200": { description: "As `--json` answers.", ...json({ type: "object" }) },
      default: { $ref: "#/components/responses/Error" },
    },
  };
  if (methodOf(operation) === "GET")
    return {
      ...common,
      parameters: described.map(({ name, schema, description }) => ({
        name,
        in: "query",
        required: required.includes(name),
        ...(description === undefined ? {} : { description }),
        schema,
      })),
    };
  const body = Object.fromEntries(
    described.map(({ name, schema, description }) => [
      name,
      description === undefined ? schema : { ...schema, description },
    ]),
  );
  const schema = {
    type: "object",
    properties: { ...body, ...confirmation(operation, body) },
    required,
    additionalProperties: false,
  };
  return { ...common, requestBody: { required: required.length > 0, ...json(schema) } };
}

/** What cannot be taken back is typed by name. */
function confirmation({ name, destructive }: Operation, body: object): Record<string, unknown> {
  if (destructive !== true && !("force" in body)) return {};
  const when = destructive === true ? "Needed" : "Needed with `force`";
  return { confirm: { const: name, description: `${when}: the verb's name, because this cannot be taken back.` } };
}

/** What the command line says of an argument or option. */
function meanings({ command }: Operation): Map<string, string> {
  return new Map([
    ...(command.arguments ?? []).map(({ name, about }) => [name, about] as const),
    ...(command.options ?? []).map(({ flags, about }) => [optionName(flags), about] as const),
  ]);
}

function json(schema: object): { content: object } {
  return { content: { "application/json": { schema } } };
}

const ERROR = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["code", "message", "hint", "data"],
      properties: {
        code: { type: "string" },
        message: { type: "string" },
        hint: { type: "string", description: "What to do." },
        data: { type: "object" },
      },
    },
  },
};

const BESIDE = {
  "/healthz": {
    get: {
      operationId: "healthz",
      summary: "Whether a daemon answers; needs no token",
      security: [],
      responses: {
        "200": {
          description: "It lives.",
          ...json({ type: "object", properties: { ok: { const: true }, version: { type: "string" } } }),
        },
      },
    },
  },
  "/metrics": {
    get: {
      operationId: "metrics",
      summary: "What `status` and `slo` say, for Prometheus",
      responses: { "200": { description: "Text format.", content: { "text/plain": { schema: { type: "string" } } } } },
    },
  },
  "/api/events": {
    get: {
      operationId: "events",
      summary: "Ledger records as they are written, as server-sent events; their id is the record's number",
      parameters: [
        {
          name: "Last-Event-ID",
          in: "header",
          required: false,
          description: "Goes on after this record.",
          schema: { type: "string" },
        },
        {
          name: "after",
          in: "query",
          required: false,
          description: "The same, where no header can be sent.",
          schema: { type: "integer" },
        },
      ],
      responses: {
        "200": {
          description: "`event: hello`, then `event: record` with a ledger record (docs/events.md) as `data`.",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
        default: { $ref: "#/components/responses/Error" },
      },
    },
  },
};
