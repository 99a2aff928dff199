/** `alerts test`: a notification through every way out that the rules name, now, and what became of it. */

import { HoldfastError, isoTime, uuidv7 } from "../base/index.ts";
import type { Alert } from "./alert.ts";
import { type AlertsWorld, SPEAKER } from "./alerts.ts";
import { deliver } from "./channels/deliver.ts";
import { openOutbox } from "./outbox.ts";
import { type Channel, channelName } from "./rules.ts";

export interface TriedOut {
  channel: string;
  ok: boolean;
  why: string | null;
  hint: string | null;
}

export async function tryOut(world: AlertsWorld, signal: AbortSignal): Promise<TriedOut[]> {
  const channels = [...new Map(world.rules().map(({ to }) => [JSON.stringify(to), to])).values()];
  if (channels.length === 0) return [];
  const tried = await Promise.all(channels.map((channel) => tryOne(channel, world, signal)));
  const { store, ledger } = world;
  store.transaction(() => {
    // What waits goes out with the next look: whoever mended a channel wants to see it.
    if (tried.some(({ ok }) => ok)) openOutbox(store).hurry(world.ports.clock.now());
    ledger.append({
      event: "alert.tested",
      ok: tried.every(({ ok }) => ok),
      actor: SPEAKER,
      data: { channels: tried.map(({ channel, ok, why }) => ({ channel, ok, why })) },
      summary: `alerts were tested: ${tried.filter(({ ok }) => ok).length} of ${tried.length} arrived`,
    });
  });
  return tried;
}

async function tryOne(channel: Channel, { ports, place }: AlertsWorld, signal: AbortSignal): Promise<TriedOut> {
  try {
    // The record of the test itself is what telemetry shows.
    if (channel !== "telemetry") await deliver(sample({ ports, place }), channel, { ports, cwd: place.root, signal });
    return { channel: channelName(channel), ok: true, why: null, hint: null };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { channel: channelName(channel), ok: false, why: error.message, hint: error.hint };
  }
}

function sample({ ports, place }: Pick<AlertsWorld, "ports" | "place">): Alert {
  return {
    v: 1,
    id: uuidv7(ports.clock, ports.random),
    tree: place.root,
    host: place.host,
    at: isoTime(ports.clock.now()),
    title: "Holdfast: a test",
    text: `Alerts of ${place.root} on ${place.host} arrive here.`,
    severity: "info",
    incident: null,
    wo: null,
    events: [],
    records: 0,
    command: "holdfast status",
  };
}
