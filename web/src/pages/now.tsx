/** Is everything still as it should be? Is something gone? What are the agents doing? Each without a click. */

import type { ComponentChildren } from "preact";
import type { Incident, LedgerRecord, Order, Slo, Status } from "../answers.ts";
import { useVerb } from "../api.ts";
import { Act } from "../parts/act.tsx";
import { Copyable, printable } from "../parts/copy.tsx";
import { IncidentRow } from "../parts/incident-row.tsx";
import { Mark } from "../parts/mark.tsx";
import { OrderSteps } from "../parts/order-steps.tsx";
import { Strip } from "../parts/strip.tsx";
import { Ago, duration } from "../parts/time.tsx";
import { Answer, Nothing } from "../parts/waiting.tsx";

const ORDERS_SHOWN = 5;
const HANDS_SHOWN = 4;
const RECORDS_ASKED = 300;

export function Now() {
  const status = useVerb<Status>("status");
  const open = useVerb<{ incidents: Incident[] }>("incidents", { open: true });
  return (
    <div class="now">
      <Answer asked={status}>{(value) => <Sentence status={value} incidents={open.value?.incidents ?? []} />}</Answer>
      {status.value !== null && (
        <Raised status={status.value} incidents={open.value?.incidents ?? []} onDone={() => open.again()} />
      )}
      <Part title="Last 24 h">
        <Day />
      </Part>
      <Part title="Orders">
        <LastOrders />
      </Part>
      <Part title="Hands">
        <Hands />
      </Part>
    </div>
  );
}

export function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="part" aria-label={title}>
      <h2>{title}</h2>
      <div>{children}</div>
    </section>
  );
}

function Sentence({ status, incidents }: { status: Status; incidents: readonly Incident[] }) {
  const { healthy, drifted } = status.components;
  const all = healthy + drifted;
  const troubles = status.daemon.trouble.length;
  const isHeld = drifted === 0 && incidents.length === 0 && !status.config.differs && troubles === 0;
  const [last] = incidents;
  return (
    <h1>
      <Mark of={isHeld ? "held" : troubles > 0 ? "lost" : "raised"} />{" "}
      {isHeld
        ? "Held."
        : troubles > 0
          ? "In trouble."
          : drifted > 0
            ? "Not all is as accepted."
            : "Held, and something waits for you."}{" "}
      <span class="plainer">
        {all === 0
          ? "Everything is remembered; nothing is protected yet."
          : `${healthy} of ${all} components as accepted.`}
        {last !== undefined && (
          <>
            {" "}
            {incidents.length} raised, the last <Ago at={last.openedAt} />.
          </>
        )}
      </span>
    </h1>
  );
}

function Raised({ status, incidents, onDone }: { status: Status; incidents: readonly Incident[]; onDone: () => void }) {
  const { trouble } = status.daemon;
  const isEmpty = trouble.length === 0 && incidents.length === 0 && !status.config.differs && status.orders.held === 0;
  if (isEmpty)
    return status.components.healthy === 0 ? (
      <Part title="Next">
        <p>
          Name what matters, and what an agent takes away comes back by itself:{" "}
          <Copyable text="holdfast protect <path>" kind="command" />
        </p>
      </Part>
    ) : null;
  return (
    <Part title="Raised">
      {trouble.map(({ message, hint }) => (
        <p key={message}>
          <Mark of="lost" word="trouble" /> {printable(message)} <Copyable text={hint} kind="command" />
        </p>
      ))}
      {status.config.differs && <ChangedConfiguration accepted={status.config.accepted} />}
      {status.orders.held > 0 && (
        <p>
          <Mark of="raised" word="held" />{" "}
          {status.orders.held === 1 ? "One order waits" : `${status.orders.held} orders wait`} for a person.{" "}
          <a href="/orders?show=pending">Look at them</a>
        </p>
      )}
      {incidents.map((incident) => (
        <IncidentRow key={incident.id} incident={incident} onDone={onDone} />
      ))}
    </Part>
  );
}

function ChangedConfiguration({ accepted }: { accepted: string | null }) {
  const restored = { subjects: ["holdfast.yaml"], ...(accepted === null ? {} : { from: accepted }) };
  return (
    <article class="incident">
      <div class="what">
        <Mark of="raised" /> <Copyable text="holdfast.yaml" kind="path" /> was changed and does not run
      </div>
      <div class="row">
        <Act
          deed={{ verb: "accept", input: { subjects: ["holdfast.yaml"] }, command: "holdfast accept holdfast.yaml" }}
        >
          Accept
        </Act>
        <Act deed={{ verb: "restore", input: restored, command: "holdfast restore holdfast.yaml" }}>Restore</Act>
      </div>
    </article>
  );
}

/** Asked again when what it measures happens, not at every record. */
const MEASURED = /^(guard|incident|repair|canary|maintenance|drift)\./;

function Day() {
  const slo = useVerb<Slo>("slo", {}, ({ event }) => MEASURED.test(event));
  return (
    <Answer asked={slo}>
      {(value) => (
        <>
          <Strip slo={value} />
          <dl class="figures">
            <Figure name="uptime">{value.uptime === null ? "not measured" : `${percent(value.uptime)} %`}</Figure>
            <Figure name="noticed">{duration(value.detectionMs.p50)}</Figure>
            <Figure name="back">{duration(value.recoveryMs.p50)}</Figure>
            <Figure name="false alarms">
              {value.falsePositives} of {value.incidents}
            </Figure>
            <Figure name="nobody looked">{duration(value.notMeasuredMs)}</Figure>
          </dl>
        </>
      )}
    </Answer>
  );
}

function Figure({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="number">{children}</dd>
    </div>
  );
}

/** Never rounded up to a promise that was not kept. */
function percent(share: number): string {
  return share === 1 ? "100" : (Math.floor(share * 1e5) / 1e3).toFixed(3);
}

function LastOrders() {
  const orders = useVerb<{ orders: Order[] }>("wo list", { canaries: true }, ({ wo }) => wo !== undefined);
  return (
    <Answer asked={orders}>
      {({ orders: all }) => {
        const newest = [...all].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
        const canary = newest.find(({ id }) => isCanary(id) && !id.endsWith("-END"));
        const shown = [...newest.filter(({ id }) => !isCanary(id)).slice(0, ORDERS_SHOWN), ...(canary ? [canary] : [])];
        if (shown.length === 0)
          return (
            <Nothing>
              No order yet. <Copyable text="holdfast submit fix.yaml --wait" kind="command" />
            </Nothing>
          );
        return shown.map((order) => <OrderLine key={order.id} order={order} />);
      }}
    </Answer>
  );
}

export function isCanary(id: string): boolean {
  return id.startsWith("WO-CANARY-");
}

export function OrderLine({ order }: { order: Order }) {
  return (
    <div class="order">
      <a class="mono" href={`/orders/${encodeURIComponent(order.id)}`} title={printable(order.title)}>
        <bdi>{printable(order.id)}</bdi>
      </a>
      <OrderSteps order={order} />
      <span class="dim end">
        <Ago at={order.acceptedAt ?? order.createdAt} />
      </span>
    </div>
  );
}

function Hands() {
  const history = useVerb<{ records: LedgerRecord[] }>(
    "history",
    { limit: RECORDS_ASKED },
    ({ actor, cause }) => actor.kind !== "service" || cause !== undefined,
  );
  return (
    <Answer asked={history}>
      {({ records }) => {
        const hands = handsIn(records).slice(0, HANDS_SHOWN);
        if (hands.length === 0) return <Nothing>Nobody has done anything that was recorded lately.</Nothing>;
        return (
          <table class="hands">
            <tbody>
              {hands.map(({ name, kind, sessions, last }) => (
                <tr key={name}>
                  <th scope="row">{printable(name)}</th>
                  <td class="dim">
                    {kind}
                    {sessions > 1 ? `, ${sessions} sessions` : ""}
                  </td>
                  <td class="line" title={printable(last.summary)}>
                    {printable(last.summary)}
                  </td>
                  <td class="dim end">
                    <Ago at={last.ts} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        );
      }}
    </Answer>
  );
}

interface Hand {
  name: string;
  kind: string;
  sessions: number;
  last: LedgerRecord;
}

/** By whose hand, newest first: who gave an order or a command, and what was seen taking something away. */
function handsIn(records: readonly LedgerRecord[]): Hand[] {
  const hands = new Map<string, Hand & { seen: Set<string> }>();
  for (const record of records) {
    const name = record.cause?.actor ?? (record.actor.kind === "service" ? null : record.actor.name);
    if (name == null) continue;
    const seen = hands.get(name)?.seen ?? new Set<string>();
    if (record.actor.session !== undefined) seen.add(record.actor.session);
    const kind = record.actor.kind === "service" ? "seen" : record.actor.kind;
    hands.delete(name);
    hands.set(name, { name, kind, sessions: seen.size, last: record, seen });
  }
  return [...hands.values()].reverse();
}
