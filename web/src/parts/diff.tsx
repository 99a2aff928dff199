/** A unified diff: what was and what became, told apart by sign and colour. */

import { printable } from "./copy.tsx";

export function Diff({ text }: { text: string }) {
  const lines = text
    .trimEnd()
    .split("\n")
    .filter((line) => !/^(={10,}|Index: )/.test(line));
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
