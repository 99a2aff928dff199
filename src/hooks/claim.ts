/** Finds in what an agent says the claim that something is missing or never worked, with the name that it is about. */

export interface Claim {
  readonly path: string;
  /** The agent's words, for the agent. */
  readonly says: string;
}

/** Sentences only: what stands in a block of code is quoted, not claimed. */
export function claimIn(message: string): Claim[] {
  const prose = message.slice(-LOOKED_AT).replace(/```[\s\S]*?(?:```|$)/g, "\n");
  const claims: Claim[] = [];
  for (const sentence of prose.split(/(?<=[.!?])\s+|\n+/)) {
    const found = CLAIM.exec(sentence);
    if (found === null) continue;
    for (const path of namesIn(sentence)) claims.push({ path, says: shortened(sentence) });
    if (claims.length >= CLAIMS_MAX) break;
  }
  return claims.slice(0, CLAIMS_MAX);
}

const LOOKED_AT = 16 * 1024;
const CLAIMS_MAX = 20;
const SAID_LENGTH_MAX = 120;

const CLAIM =
  /\b(?:never (?:existed|worked|been|was|were|did)|(?:does|do|did)(?: not|n['’]t) (?:actually )?exist|(?:is|are|was|were|seems?|appears?)(?: to be)? (?:missing|gone|absent|not there|not present|not implemented)|no such (?:file|script|folder|directory|component|module)|could(?: not|n['’]t) (?:be found|find)|can(?:not|['’]t| not) (?:be found|find)|(?:was|were) (?:not|never) (?:found|created|implemented|merged)|has(?: not|n['’]t) been (?:created|implemented|added))\b/i;

/** Names with a slash or an ending, as they stand in prose: in backquotes, in brackets, at a sentence's end. */
function namesIn(sentence: string): string[] {
  const names = sentence.match(/[\w@~.-]*(?:\/[\w@.-]+)+|[\w@-]+(?:\.[A-Za-z]\w{0,9})+/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/^\.\//, "").replace(/\.$/, "")))].filter(
    (name) => name.length > 2,
  );
}

function shortened(sentence: string): string {
  const text = sentence.trim().replace(/\s+/g, " ");
  return text.length <= SAID_LENGTH_MAX ? text : `${text.slice(0, SAID_LENGTH_MAX - 1)}…`;
}
