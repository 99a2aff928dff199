/** A unified diff: what was and what became, told apart by sign and colour. */

import { printable } from "./copy.tsx";

const HEAD_LINES_MAX = 4;

export function Diff({ text }: { text: string }) {
  const lines = text
    .trimEnd()
    .split("\n")
    // What stands above it names the path already.
    .filter((line, index) => index >= HEAD_LINES_MAX || !/^(={10,}|Index: |--- |\+\+\+ )/.test(line));
  return (
    <pre class="diff" tabIndex={0}>
      {lines.map((line, index) => (
        <span
          key={index}
          class={line.startsWith("+") ? "plus" : line.startsWith("-") ? "minus" : line.startsWith("@@") ? "place" : ""}
        >
          {printable(line)}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}
