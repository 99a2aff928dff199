/** `/metrics`: what `status` and `slo` say, for Prometheus. Base units: seconds, bytes, ratios. */

import { Counter, Gauge, Registry } from "prom-client";
import type { House } from "../../operations/index.ts";

interface Source {
  readonly house: House;
  readonly version: string;
  perform(name: string, raw: Record<string, unknown>, signal: AbortSignal): Promise<unknown>;
}

interface Status {
  orders: { pending: number; running: number; done: number; failed: number };
  components: { healthy: number; drifted: number };
  incidents: { open: number };
  canary: { ok: boolean; at: string } | null;
  daemon: { trouble: unknown[] };
}

interface Slo {
  uptime: number | null;
  detectionMs: { p50: number | null; p95: number | null; max: number | null };
  recoveryMs: { p50: number | null; p95: number | null; max: number | null };
  falsePositives: number;
  notMeasuredMs: number;
}

/** The registry is made anew each time: nothing is kept between two scrapes but what the ledger keeps. */
export async function metricsText(source: Source): Promise<{ type: string; text: string }> {
  const { house, version, perform } = source;
  const never = new AbortController().signal;
  const status = (await perform("status", {}, never)) as Status;
  const slo = (await perform("slo", {}, never)) as Slo;
  const registry = new Registry();
  const gauge = gaugesIn(registry);
  gauge("holdfast_build_info", "Which version runs; always 1.", [[{ version }, 1]]);
  gauge("holdfast_orders", "Orders by what became of them.", byLabel("status", status.orders));
  gauge("holdfast_components", "Components by whether all is as accepted.", byLabel("state", status.components));
  gauge("holdfast_incidents_open", "Incidents that wait for somebody.", [[{}, status.incidents.open]]);
  gauge("holdfast_troubles", "What keeps the daemon from its work right now.", [[{}, status.daemon.trouble.length]]);
  if (status.canary !== null) {
    gauge("holdfast_canary_up", "Whether the last canary went the whole way.", [[{}, Number(status.canary.ok)]]);
    gauge("holdfast_canary_last_timestamp_seconds", "When the last canary ended.", [
      [{}, Date.parse(status.canary.at) / 1_000],
    ]);
  }
  if (slo.uptime !== null)
    gauge("holdfast_uptime_ratio", "Share of the measured time of the last day in which all held.", [[{}, slo.uptime]]);
  gauge("holdfast_not_measured_seconds", "Of the last day, how long nobody looked.", [[{}, slo.notMeasuredMs / 1_000]]);
  gauge("holdfast_false_positives", "Incidents of the last day that were dismissed as false alarms.", [
    [{}, slo.falsePositives],
  ]);
  gauge(
    "holdfast_detection_seconds",
    "From the first sign of a loss to its record, in the last day.",
    quantiles(slo.detectionMs),
  );
  gauge(
    "holdfast_recovery_seconds",
    "From the record of a loss to its repair, in the last day.",
    quantiles(slo.recoveryMs),
  );
  const { packBytes, versions } = house.vault.stats();
  gauge("holdfast_vault_size_bytes", "What the packs take on disk.", [[{}, packBytes]]);
  gauge("holdfast_vault_versions", "States of paths that are remembered.", [[{}, versions]]);
  const records = { name: "holdfast_ledger_records_total", help: "Records in the ledger.", registers: [registry] };
  new Counter(records).inc(house.ledger.head().seq);
  const { rss } = process.memoryUsage();
  gauge("process_resident_memory_bytes", "Resident memory size in bytes.", [[{}, rss]]);
  const { user, system } = process.cpuUsage();
  const cpu = { name: "process_cpu_seconds_total", help: "User and system CPU time spent.", registers: [registry] };
  new Counter(cpu).inc((user + system) / 1e6);
  return { type: registry.contentType, text: await registry.metrics() };
}

type Sample = readonly [labels: Record<string, string>, value: number];

function gaugesIn(registry: Registry): (name: string, help: string, samples: readonly Sample[]) => void {
  return (name, help, samples) => {
    if (samples.length === 0) return;
    const labelNames = Object.keys(samples[0]![0]);
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (const [labels, value] of samples) gauge.set(labels, value);
  };
}

function byLabel(label: string, counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts)
    .filter(([, value]) => typeof value === "number")
    .map(([name, value]) => [{ [label]: name }, value]);
}

function quantiles({ p50, p95, max }: Slo["detectionMs"]): Sample[] {
  return Object.entries({ "0.5": p50, "0.95": p95, "1": max }).flatMap(([quantile, ms]) =>
    ms === null ? [] : [[{ quantile }, ms / 1_000] as Sample],
  );
}
