/**
 * `/api/events`: ledger records as they are written, as server-sent events whose id is the sequence number.
 *
 * A client that comes back with `Last-Event-ID` gets what it missed; one that is slow is waited for and reads on from where it is,
 * so nothing is held for it in memory. One look at the ledger's head serves all clients.
 */

import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { HoldfastError, LIMITS, type Ports } from "../../base/index.ts";
import type { House } from "../../operations/index.ts";

export interface EventStreams {
  open(context: Context): Response;
  close(): void;
}

export function openEventStreams({ ledger }: Pick<House, "ledger">, { clock }: Pick<Ports, "clock">): EventStreams {
  const closing = new AbortController();
  let streams = 0;
  let woken = Promise.withResolvers<void>();
  let isPolling = false;

  async function poll(): Promise<void> {
    if (isPolling) return;
    isPolling = true;
    let headSeq = ledger.head().seq;
    while (streams > 0 && !closing.signal.aborted) {
      await clock.sleep(LIMITS.eventPollMs, closing.signal);
      const { seq } = ledger.head();
      if (seq === headSeq) continue;
      headSeq = seq;
      wake();
    }
    isPolling = false;
  }
  function wake(): void {
    woken.resolve();
    woken = Promise.withResolvers<void>();
  }

  return {
    open(context) {
      if (streams >= LIMITS.eventStreamsMax)
        throw new HoldfastError("PAGE_TOO_MANY", `${streams} event streams are open already`);
      let afterSeq = lastSeen(context.req.raw) ?? ledger.head().seq;
      streams += 1;
      void poll();
      return streamSSE(context, async (stream) => {
        let isOpen = true;
        stream.onAbort(() => {
          isOpen = false;
          wake();
        });
        try {
          await stream.writeSSE({ event: "hello", data: JSON.stringify({ seq: afterSeq }) });
          while (isOpen && !closing.signal.aborted) {
            const records = [...ledger.read({ afterSeq, limit: LIMITS.eventsPerTurnMax })];
            for (const record of records) {
              await stream.writeSSE({ id: String(record.seq), event: "record", data: JSON.stringify(record) });
              afterSeq = record.seq;
            }
            if (records.length < LIMITS.eventsPerTurnMax && !(await hasNews())) await stream.write(": still here\n\n");
          }
        } finally {
          streams -= 1;
        }
      });
    },
    close() {
      closing.abort();
      wake();
    },
  };

  /** False after a while without any: then a beat shows whether the client is still there. */
  function hasNews(): Promise<boolean> {
    const over = new AbortController();
    const beat = clock.sleep(LIMITS.eventBeatMs, over.signal).then(() => false);
    return Promise.race([woken.promise.then(() => true), beat]).finally(() => over.abort());
  }
}

function lastSeen(request: Request): number | null {
  const text = request.headers.get("last-event-id") ?? new URL(request.url).searchParams.get("after");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
