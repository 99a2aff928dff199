/** Paths, commands and ids, in the machine's own letters, each copied by one click. */

import { useState } from "preact/hooks";

const SAID_MS = 1_200;

/** Control characters are shown, not obeyed; a name of another direction cannot turn the line around. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

export function Copyable({ text, kind = "text" }: { text: string; kind?: "text" | "command" | "path" }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  };
  return (
    <button type="button" class={`copyable ${kind}`} title={isCopied ? "copied" : "copy"} onClick={() => void copy()}>
      <bdi>{printable(text)}</bdi>
      <span class="copied" aria-live="polite">
        {isCopied ? " copied" : ""}
      </span>
    </button>
  );
}
