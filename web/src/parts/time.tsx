/** Times as people read them: relative, with the exact one on hover. */

import { useEffect, useState } from "preact/hooks";

const TICK_MS = 5_000;
const tickers = new Set<(nowMs: number) => void>();
setInterval(() => {
  for (const tick of tickers) tick(Date.now());
}, TICK_MS);

function useNow(): number {
  const [nowMs, setNow] = useState(Date.now());
  useEffect(() => {
    tickers.add(setNow);
    return () => void tickers.delete(setNow);
  }, []);
  return nowMs;
}

export function Ago({ at }: { at: string }) {
  const nowMs = useNow();
  return (
    <time dateTime={at} title={exact(at)}>
      {relative(nowMs - Date.parse(at))}
    </time>
  );
}

/** `22:43:07.120`, with the day where it is not today. */
export function Clock({ at }: { at: string }) {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return (
    <time class="mono number" dateTime={at} title={exact(at)}>
      {isToday ? "" : `${at.slice(0, 10)} `}
      {new Date(at).toLocaleTimeString("en-GB")}
      <span class="dim">.{at.slice(20, 23)}</span>
    </time>
  );
}

export function exact(at: string): string {
  return `${new Date(at).toLocaleString("en-GB")} local, ${at}`;
}

export function relative(ms: number): string {
  if (ms < 5_000) return "just now";
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s ago`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`;
  if (ms < 48 * 3_600_000) return `${Math.floor(ms / 3_600_000)} h ago`;
  return `${Math.floor(ms / 86_400_000)} days ago`;
}

export function duration(ms: number | null): string {
  if (ms === null) return "–";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`;
}
