/** What stands around every page: which tree, whether it is guarded, where to go, and whether what is shown is still true. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { Component, Status } from "../answers.ts";
import { useConnection, useVerb } from "../api.ts";
import { Copyable } from "./copy.tsx";
import { Mark } from "./mark.tsx";

export function Frame({ children }: { children: ComponentChildren }) {
  const status = useVerb<Status>("status").value;
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header>
        <div class="top">
          <a class="brand" href="/">
            Holdfast
          </a>
          {status !== null && (
            <span class="tree mono" title={status.tree.root}>
              <bdi>{status.tree.root}</bdi> · {status.tree.branch ?? "no branch"}
            </span>
          )}
          <Guarding status={status} />
          <Theme />
        </div>
        <Places status={status} />
      </header>
      <Lost />
      <main id="main">{children}</main>
    </>
  );
}

function Guarding({ status }: { status: Status | null }) {
  const connection = useConnection();
  if (connection !== "live" || status === null)
    return (
      <span class="guarding">
        <Mark of="open" /> {connection === "connecting" ? "connecting" : "not connected"}
      </span>
    );
  const { eyes, trouble } = status.daemon;
  const isWell = trouble.length === 0 && eyes !== null && eyes.root === null;
  return (
    <span class="guarding">
      <Mark of={isWell ? "held" : "lost"} word={isWell ? "guarding" : "not guarding"} />{" "}
      {isWell ? "guarding" : "in trouble"}
      {eyes !== null && <span class="dim number"> {eyes.watched.folders.toLocaleString("en")} folders</span>}
    </span>
  );
}

function Places({ status }: { status: Status | null }) {
  const components = useVerb<{ components: Component[] }>("components").value?.components.length;
  const orders = status === null ? undefined : status.orders.pending + status.orders.running;
  return (
    <nav aria-label="Pages">
      <Place to="/">Now</Place>
      <Place to="/orders" count={orders}>
        Orders
      </Place>
      <Place to="/components" count={components}>
        Components
      </Place>
      <Place to="/incidents" count={status?.incidents.open}>
        Incidents
      </Place>
      <Place to="/history">History</Place>
      <Place to="/diagnose">Diagnose</Place>
      <Search />
    </nav>
  );
}

function Place({ to, count, children }: { to: string; count?: number | undefined; children: ComponentChildren }) {
  const { path } = useLocation();
  const isHere = to === "/" ? path === "/" : path === to || path.startsWith(`${to}/`);
  return (
    <a href={to} aria-current={isHere ? "page" : undefined}>
      {children}
      {count !== undefined && count > 0 && <span class="count number"> {count}</span>}
    </a>
  );
}

/** `/` goes there from anywhere; an order's or incident's id opens it, everything else is a question of what became of it. */
function Search() {
  const { route } = useLocation();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  const go = (event: SubmitEvent) => {
    event.preventDefault();
    const text = input.current?.value.trim() ?? "";
    if (text === "") return;
    if (/^INC-/.test(text)) route(`/incidents/${encodeURIComponent(text)}`);
    else if (/^WO-/.test(text)) route(`/orders/${encodeURIComponent(text)}`);
    else route(`/diagnose?subject=${encodeURIComponent(text)}`);
  };
  return (
    <search class="search">
      <form onSubmit={go}>
        <input
          ref={input}
          type="search"
          aria-label="A path, component, order or incident"
          placeholder="/ path, WO-…, INC-…"
        />
      </form>
    </search>
  );
}

/** Kept by this browser; without a choice the system's. */
function Theme() {
  const [theme, setTheme] = useState(localStorage.getItem("theme"));
  useEffect(() => {
    if (theme === null) document.documentElement.removeAttribute("data-theme");
    else document.documentElement.setAttribute("data-theme", theme);
  }, [theme]);
  const change = () => {
    const isDark = theme === null ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
    const next = isDark ? "light" : "dark";
    localStorage.setItem("theme", next);
    setTheme(next);
  };
  return (
    <button
      type="button"
      class="plain"
      aria-label="Change between light and dark"
      title="light or dark"
      onClick={change}
    >
      ◐
    </button>
  );
}

function Lost() {
  const connection = useConnection();
  if (connection === "stranger")
    return (
      <p class="banner" role="alert">
        This browser is not known here. Open the link that this prints:{" "}
        <Copyable text="holdfast dashboard" kind="command" />
      </p>
    );
  if (connection === "lost")
    return (
      <p class="banner" role="alert">
        <Mark of="open" /> No connection: what is shown may be old. It comes back by itself; if nothing guards the tree:{" "}
        <Copyable text="holdfast up" kind="command" />
      </p>
    );
  return null;
}
