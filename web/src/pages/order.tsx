/** One order: its way step by step, what its checks said, what it wrote, and what can be done. */

import type { ComponentChildren } from "preact";
import { useRoute } from "preact-iso";
import type { LedgerRecord, Order, OrderShown } from "../answers.ts";
import { useVerb } from "../api.ts";
import { Act } from "../parts/act.tsx";
import { Copyable, printable } from "../parts/copy.tsx";
import { Diff } from "../parts/diff.tsx";
import { Mark, type Meaning } from "../parts/mark.tsx";
import { OrderSteps, OrderWay } from "../parts/order-steps.tsx";
import { Clock, duration } from "../parts/time.tsx";
import { Answer } from "../parts/waiting.tsx";

const PATHS_SHOWN = 50;

export function OrderPage() {
  const { params } = useRoute();
  const id = params["id"] ?? "";
  const isOurs = ({ wo }: LedgerRecord) => wo === id;
  const order = useVerb<OrderShown>("wo show", { id, diff: true }, isOurs);
  const records = useVerb<{ records: LedgerRecord[] }>("history", { subject: id, limit: 200 }, isOurs);
  return (
    <article>
      <p class="dim">
        <a href="/orders">Orders</a> / <Copyable text={id} />
      </p>
      <Answer asked={order}>
        {(value) => (
          <>
            <h1>
              <Mark of={meaningOf(value)} word={value.status} /> <span class="plainer">{printable(value.title)}</span>
            </h1>
            <OrderSteps order={value} times={timesOf(records.value?.records ?? [])} />
            <Deeds order={value} onDone={() => order.again()} />
            <Facts order={value} />
            <Checks tests={value.tests} />
            <Changes order={value} />
          </>
        )}
      </Answer>
      <h2>Its way through the house</h2>
      <Answer asked={records}>{({ records: all }) => <OrderWay records={all} />}</Answer>
    </article>
  );
}

function meaningOf({ status, stage }: Order): Meaning {
  if (status === "done") return "held";
  if (status === "failed" || status === "cancelled") return "lost";
  return stage === "held" ? "raised" : "open";
}

/** How long after it was received each step was reached, in its last attempt. */
function timesOf(records: readonly LedgerRecord[]): Record<string, string> {
  const times: Record<string, string> = {};
  let beganMs: number | null = null;
  for (const { event, ts } of records) {
    if (event === "wo.received") beganMs = Date.parse(ts);
    const step = /^wo\.(planned|applied|verified|accepted|undone)$/.exec(event)?.[1];
    if (step !== undefined && beganMs !== null) times[step] = `+${duration(Date.parse(ts) - beganMs)}`;
  }
  return times;
}

function Deeds({ order: { id, stage, status }, onDone }: { order: Order; onDone: () => void }) {
  const deed = (verb: string) => ({ verb: `wo ${verb}`, input: { id }, command: `holdfast wo ${verb} ${id}` });
  return (
    <p class="row">
      {stage === "held" && (
        <Act isMain deed={deed("approve")} onDone={onDone}>
          Approve
        </Act>
      )}
      {(status === "failed" || status === "cancelled") && (
        <Act isMain deed={deed("retry")} onDone={onDone}>
          Retry
        </Act>
      )}
      {(status === "pending" || status === "running") && (
        <Act deed={deed("cancel")} onDone={onDone}>
          Cancel
        </Act>
      )}
      {stage === "routed" && (
        <Act deed={deed("complete")} onDone={onDone}>
          Complete
        </Act>
      )}
    </p>
  );
}

function Facts({ order }: { order: OrderShown }) {
  const { error, heldBecause, warnings, snapshot, paths, agent, executor, priority, attempts, createdAt, acceptedAt } =
    order;
  return (
    <dl class="facts">
      {error !== null && (
        <Fact name="what went wrong">
          <span class="bad">{printable(error.message)}</span> <span class="dim mono">{error.code}</span>
        </Fact>
      )}
      {error !== null && error.hint !== "" && <Fact name="next">{printable(error.hint)}</Fact>}
      {heldBecause !== null && <Fact name="held">{printable(heldBecause)}</Fact>}
      {warnings.map((warning) => (
        <Fact key={warning} name="warning">
          {printable(warning)}
        </Fact>
      ))}
      <Fact name="received">
        <Clock at={createdAt} /> for {printable(agent ?? "nobody in particular")}, carried out by {printable(executor)};{" "}
        {priority} priority
        {attempts > 1 ? `, ${attempts} attempts` : ""}
      </Fact>
      {acceptedAt !== null && (
        <Fact name="accepted">
          <Clock at={acceptedAt} />
        </Fact>
      )}
      {snapshot !== null && (
        <Fact name="before it">
          <Copyable text={`holdfast restore <path> --from ${snapshot}`} kind="command" />
        </Fact>
      )}
      {paths.length > 0 && order.changes === undefined && (
        <Fact name={`paths (${paths.length})`}>
          {paths.slice(0, PATHS_SHOWN).map((path) => (
            <div key={path}>
              <Copyable text={path} kind="path" />
            </div>
          ))}
          {paths.length > PATHS_SHOWN && <div class="dim">… and {paths.length - PATHS_SHOWN} more</div>}
        </Fact>
      )}
    </dl>
  );
}

/** What it changed, or was about to: path by path, with what was before. */
function Changes({ order: { changes = [], changesTotal = 0, stage } }: { order: OrderShown }) {
  if (changes.length === 0) return null;
  const isDone = stage === "accepted" || stage === "applied" || stage === "verified";
  return (
    <>
      <h2>{isDone ? "What it changed" : "What it was about to change"}</h2>
      <div class="taken">
        {changes.map(({ path, was, became, diff }) => (
          <details key={path} open={changes.length <= OPEN_MAX && diff !== null}>
            <summary>
              <b>{was.state === "not there" ? "new" : became.state === "not there" ? "removed" : "changed"}</b>{" "}
              <bdi class="mono">{printable(path)}</bdi>
            </summary>
            {diff === null ? (
              <dl class="states">
                <dt>was</dt>
                <dd>{short(was.state)}</dd>
                <dt>{isDone ? "became" : "was to become"}</dt>
                <dd>{short(became.state)}</dd>
              </dl>
            ) : (
              <Diff text={diff} />
            )}
            <a href={`/path?of=${encodeURIComponent(path)}`}>All versions</a>
          </details>
        ))}
      </div>
      {changesTotal > changes.length && <p class="dim">… and {changesTotal - changes.length} more</p>}
    </>
  );
}

const OPEN_MAX = 3;

function short(state: string): string {
  return printable(state.replace(/sha256:(\w{12})\w+/, "sha256:$1…"));
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Checks({ tests }: { tests: Order["tests"] }) {
  if (tests.length === 0) return null;
  return (
    <>
      <h2>Checks</h2>
      {tests.map(({ name, ok, output }, index) => (
        <details key={index} open={!ok}>
          <summary>
            <Mark of={ok ? "held" : "lost"} word={ok ? "passed" : "failed"} /> {printable(name)}
          </summary>
          <pre tabIndex={0}>{output === "" ? "(it said nothing)" : output.split("\n").map(printable).join("\n")}</pre>
        </details>
      ))}
    </>
  );
}
