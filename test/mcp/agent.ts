/** An agent's end of `holdfast mcp`: the official client, over the stdin and stdout of the built command. For tests. */

import { Client, type ClientOptions } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { HOLDFAST } from "../cli/holdfast.ts";

export interface Agent {
  readonly client: Client;
  /** What it said beside the protocol, on stderr. */
  said(): string;
  /** The text of a tool's answer. */
  call(name: string, input?: Record<string, unknown>): Promise<{ text: string; isError: boolean }>;
  resource<T>(uri: string): Promise<T>;
  close(): Promise<void>;
}

export async function agentAt(options: {
  cwd: string;
  env: NodeJS.ProcessEnv;
  command?: readonly [string, ...string[]];
  args?: readonly string[];
  version?: ClientOptions["versionNegotiation"];
}): Promise<Agent> {
  const { cwd, env, command: [program, ...before] = [HOLDFAST], args = [], version } = options;
  const transport = new StdioClientTransport({
    command: program,
    args: [...before, "mcp", ...args],
    cwd,
    env: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    stderr: "pipe",
  });
  let said = "";
  transport.stderr?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const client = new Client(
    { name: "test-agent", version: "1.0.0" },
    version === undefined ? {} : { versionNegotiation: version },
  );
  await client.connect(transport);
  return {
    client,
    said: () => said,
    async call(name, input = {}) {
      const { content, isError } = await client.callTool({ name, arguments: input });
      const [first] = content as { type: string; text: string }[];
      return { text: first!.text, isError: isError === true };
    },
    async resource(uri) {
      const { contents } = await client.readResource({ uri });
      return JSON.parse((contents[0] as { text: string }).text);
    },
    close: () => client.close(),
  };
}
