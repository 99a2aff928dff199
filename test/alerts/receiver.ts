/**
 * A real HTTP server that keeps what it is sent, and answers as it is told to: in a process of its own, because tests wait for commands
 * and answer nothing meanwhile. For tests.
 */

import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface Receiver {
  url(path: string): string;
  at(path: string): Received[];
  /** How the next ones are answered; `hold`: not at all. */
  answer(how: number | "hold"): void;
  close(): void;
}

export async function receiver(): Promise<Receiver> {
  const dir = mkdtempSync(join(tmpdir(), "holdfast-receiver-"));
  const child = spawn(process.execPath, [import.meta.filename, dir], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<string>((said) =>
    child.stdout.once("data", (bytes: Buffer) => said(bytes.toString())),
  );
  return {
    url: (path) => `http://127.0.0.1:${port.trim()}${path}`,
    at: (path) => received(dir).filter((one) => one.path === path),
    answer(how) {
      writeFileSync(join(dir, "answer.new"), String(how));
      renameSync(join(dir, "answer.new"), join(dir, "answer"));
    },
    close() {
      child.kill("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function received(dir: string): Received[] {
  const file = join(dir, "received.jsonl");
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

function serve(dir: string): void {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const how = existsSync(join(dir, "answer")) ? readFileSync(join(dir, "answer"), "utf8") : "200";
      appendFileSync(
        join(dir, "received.jsonl"),
        `${JSON.stringify({ path: request.url, headers: request.headers, body })}\n`,
      );
      if (how !== "hold") response.writeHead(Number(how)).end("what an answer says is never repeated: hunter2");
    });
  });
  server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
}

if (import.meta.main) serve(process.argv[2]!);
