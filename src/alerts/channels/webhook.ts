/** HTTP: a generic webhook, Slack, Discord, ntfy. Addresses are secrets: no message names one, and no redirection is followed. */

import { HoldfastError, isSystemError, LIMITS, printableLine } from "../../base/index.ts";
import { type Alert, linesOf } from "../alert.ts";
import type { Channel } from "../rules.ts";
import { secretAt } from "../secret.ts";
import { failed, type Sending } from "./sending.ts";

type Webhook = Extract<Channel, { webhook: string } | { slack: string } | { discord: string } | { ntfy: string }>;

export async function post(alert: Alert, channel: Webhook, { ports, signal }: Sending): Promise<void> {
  const [kind, reference] = Object.entries(channel)[0] as [keyof typeof BODIES, string];
  const url = addressAt(reference, ports);
  const { type, body, headers } = BODIES[kind](alert);
  const authorization = "authorization" in channel ? channel.authorization : undefined;
  try {
    const { status, retryAfterMs } = await ports.http.send({
      url,
      headers: {
        "content-type": type,
        "idempotency-key": alert.id,
        ...headers,
        ...(authorization === undefined ? {} : { authorization: secretAt(authorization, ports) }),
      },
      body,
      timeoutMs: LIMITS.alertSendMsMax,
      signal,
    });
    if (status >= 300) throw failed(`it answered ${status}`, HINTS[status], retryAfterMs ?? undefined);
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    // The system's own words name host and port.
    if (isSystemError(error)) throw failed(`it cannot be reached (${error.code})`);
    throw error;
  }
}

const HINTS: Readonly<Record<number, string>> = {
  301: "name the address that it moved to",
  308: "name the address that it moved to",
  401: "see whether the authorization is right",
  403: "see whether the authorization is right",
  404: "see whether the address is right",
};

function addressAt(reference: string, ports: Sending["ports"]): URL {
  const text = secretAt(reference, ports);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw failed(`${reference} holds no http or https address`);
  return url;
}

interface Message {
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const JSON_TYPE = "application/json";
const DISCORD_LENGTH_MAX = 2_000;
const PRIORITIES = { info: "3", warning: "4", critical: "5" } as const;

const BODIES: Readonly<Record<"webhook" | "slack" | "discord" | "ntfy", (alert: Alert) => Message>> = {
  webhook: (alert) => ({ type: JSON_TYPE, body: JSON.stringify(alert) }),
  slack: (alert) => ({
    type: JSON_TYPE,
    body: JSON.stringify({ text: slackText(`*${plain(alert.title)}*\n${people(alert)}`) }),
  }),
  discord: (alert) => ({
    type: JSON_TYPE,
    body: JSON.stringify({
      content: cut(`**${plain(alert.title)}**\n${people(alert)}`, DISCORD_LENGTH_MAX),
      // What stands in a path or a command calls nobody.
      allowed_mentions: { parse: [] },
    }),
  }),
  ntfy: (alert) => ({
    type: "text/plain; charset=utf-8",
    body: people(alert),
    headers: { title: headerText(plain(alert.title)), priority: PRIORITIES[alert.severity] },
  }),
};

function people(alert: Alert): string {
  return linesOf(alert).map(plain).join("\n");
}

/** One line of foreign text, without what a chat would take for a format. */
function plain(text: string): string {
  return printableLine(text).replaceAll("`", "'");
}

/** Slack's own rule: these three are all that it reads as more than text. */
function slackText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A header holds ASCII only; ntfy reads RFC 2047. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
}

function cut(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1).toWellFormed()}…`;
}
