/** Every order, newest first, live. */

import { useLocation } from "preact-iso";
import type { Order } from "../answers.ts";
import { useVerb } from "../api.ts";
import { Copyable } from "../parts/copy.tsx";
import { Answer, Nothing } from "../parts/waiting.tsx";
import { isCanary, OrderLine } from "./now.tsx";

const SHOWN_MAX = 300;
const FILTERS = ["all", "pending", "running", "done", "failed", "cancelled"];

export function Orders() {
  const { query } = useLocation();
  const show = query["show"] ?? "all";
  const withCanaries = query["canaries"] === "1";
  const asked = useVerb<{ orders: Order[] }>(
    "wo list",
    { canaries: withCanaries, ...(show === "all" ? {} : { status: show }) },
    ({ wo }) => wo !== undefined,
  );
  const address = (to: string, canaries: boolean) => {
    const search = new URLSearchParams({
      ...(to === "all" ? {} : { show: to }),
      ...(canaries ? { canaries: "1" } : {}),
    });
    return `/orders${search.size === 0 ? "" : `?${search}`}`;
  };
  return (
    <>
      <h1>Orders</h1>
      <p class="filters">
        {FILTERS.map((name) => (
          <a key={name} href={address(name, withCanaries)} aria-current={name === show ? "true" : undefined}>
            {name}
          </a>
        ))}
        <a class="end" href={address(show, !withCanaries)}>
          {withCanaries ? "without canaries" : "with canaries"}
        </a>
      </p>
      <Answer asked={asked}>
        {({ orders }) => {
          const newest = orders
            .filter(({ id }) => withCanaries || !isCanary(id))
            .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
          if (newest.length === 0)
            return (
              <Nothing>
                No order here. <Copyable text="holdfast submit fix.yaml --wait" kind="command" />
              </Nothing>
            );
          return (
            <>
              {newest.slice(0, SHOWN_MAX).map((order) => (
                <OrderLine key={order.id} order={order} />
              ))}
              {newest.length > SHOWN_MAX && (
                <p class="dim">… and {newest.length - SHOWN_MAX} older ones: search by id.</p>
              )}
            </>
          );
        }}
      </Answer>
    </>
  );
}
