/** Ledger records as rows of one height, only those in sight in the document: a million scroll as ten do. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { LedgerRecord } from "../answers.ts";
import type { Stretch } from "../ledger.ts";
import { printable } from "./copy.tsx";
import { Clock } from "./time.tsx";

const ROW_PX = 26;
const SLACK_ROWS = 20;
/** Browsers end an element at some 33 million pixels; beyond this a row of the scroll bar stands for several. */
const HEIGHT_PX_MAX = 15_000_000;

export function LedgerRows({
  stretch,
  onEnd,
  onPick,
  picked,
}: {
  stretch: Stretch;
  /** The oldest known rows are in sight. */
  onEnd?: () => void;
  onPick(record: LedgerRecord): void;
  picked: number | null;
}) {
  const view = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const { count } = stretch;
  const heightPx = Math.min(count * ROW_PX, HEIGHT_PX_MAX);
  const inSight = view.current?.clientHeight ?? 600;
  // Where the rows do not fit into the height, the share that was scrolled tells which are meant.
  const scrollable = Math.max(1, heightPx - inSight);
  const rowAtTop = heightPx < count * ROW_PX ? (top / scrollable) * (count - inSight / ROW_PX) : top / ROW_PX;
  const first = Math.max(0, Math.floor(rowAtTop) - SLACK_ROWS);
  const last = Math.min(count, Math.ceil(rowAtTop + inSight / ROW_PX) + SLACK_ROWS);
  useEffect(() => {
    stretch.want(first, last);
    if (last >= count - SLACK_ROWS) onEnd?.();
  });
  return (
    <div
      ref={view}
      class="ledger"
      tabIndex={0}
      role="log"
      aria-label="Ledger records"
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <div class="all" style={{ height: `${heightPx}px` }}>
        {Array.from({ length: Math.max(0, last - first) }, (_, index) => {
          const row = first + index;
          const record = stretch.at(row);
          const offset = top + (row - rowAtTop) * ROW_PX;
          return record === null ? (
            <div key={`row ${row}`} class="record coming" style={{ top: `${offset}px` }} aria-hidden="true">
              <span class="coming-line" />
            </div>
          ) : (
            <Row key={record.seq} record={record} top={offset} onPick={onPick} isPicked={picked === record.seq} />
          );
        })}
      </div>
    </div>
  );
}

function Row({
  record,
  top,
  onPick,
  isPicked,
}: {
  record: LedgerRecord;
  top: number;
  onPick(record: LedgerRecord): void;
  isPicked: boolean;
}) {
  const { seq, ts, event, summary, ok, actor, cause, wo, incident } = record;
  const to =
    incident !== undefined ? `/incidents/${incident}` : wo !== undefined ? `/orders/${encodeURIComponent(wo)}` : null;
  const who = cause?.actor ?? (actor.kind === "service" ? "" : actor.name);
  const names = ["record", ...(ok ? [] : ["bad-one"]), ...(isPicked ? ["picked"] : [])];
  return (
    <div class={names.join(" ")} style={{ top: `${top}px` }}>
      <span class="dim number mono">{seq}</span>
      <Clock at={ts} />
      <span class="mono event">{event}</span>
      <span class="says" title={printable(summary)}>
        {to === null ? printable(summary) : <a href={to}>{printable(summary)}</a>}
      </span>
      <span class="dim end">{printable(who)}</span>
      <button type="button" class="plain here" aria-label={`As it was at record ${seq}`} onClick={() => onPick(record)}>
        ↶
      </button>
    </div>
  );
}
