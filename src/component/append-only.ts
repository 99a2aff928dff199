/** What only grows: told by its beginning, repaired by putting the lost lines back before the new ones. Pure, over bytes. */

/**
 * The last settled state, and after it every line of `present` that is new. The new lines are found by what the two share: `present`
 * may have kept the beginning of `last`, its end (`tail -n 200`), or, shuffled, any of its lines.
 */
export function union(last: Uint8Array, present: Uint8Array): Buffer {
  const lost = linesOf(last);
  const standing = linesOf(present);
  const shared = Math.max(sharedBeginning(lost, standing), sharedEnd(lost, standing));
  const added = shared > 0 ? standing.slice(shared) : withoutKnown(standing, lost);
  const whole = Buffer.from(last.buffer, last.byteOffset, last.byteLength);
  if (added.length === 0) return whole;
  const endsOpen = whole.length > 0 && whole.at(-1) !== NEWLINE;
  return Buffer.concat([whole, ...(endsOpen ? [Buffer.of(NEWLINE)] : []), ...added]);
}

const NEWLINE = 0x0a;

/** Each with its newline; the last may lack it. */
function linesOf(bytes: Uint8Array): Buffer[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: Buffer[] = [];
  for (let from = 0; from < buffer.length; ) {
    const end = buffer.indexOf(NEWLINE, from);
    const next = end < 0 ? buffer.length : end + 1;
    lines.push(buffer.subarray(from, next));
    from = next;
  }
  return lines;
}

function sharedBeginning(lost: readonly Buffer[], standing: readonly Buffer[]): number {
  let count = 0;
  while (count < lost.length && count < standing.length && sameLine(lost[count]!, standing[count]!)) count += 1;
  return count;
}

/** The most lines that end `lost` and begin `standing`: linear, by the failure function of Knuth, Morris and Pratt. */
function sharedEnd(lost: readonly Buffer[], standing: readonly Buffer[]): number {
  const keys = standing.map(keyOf);
  const failure = [0];
  for (let index = 1, length = 0; index < keys.length; index += 1) {
    while (length > 0 && keys[index] !== keys[length]) length = failure[length - 1]!;
    if (keys[index] === keys[length]) length += 1;
    failure.push(length);
  }
  let matched = 0;
  for (const line of lost.slice(-keys.length)) {
    const key = keyOf(line);
    while (matched > 0 && (matched === keys.length || keys[matched] !== key)) matched = failure[matched - 1]!;
    if (keys[matched] === key) matched += 1;
  }
  return matched;
}

/** Lines as often as they are more often in `standing` than in `lost`. */
function withoutKnown(standing: readonly Buffer[], lost: readonly Buffer[]): Buffer[] {
  const counts = new Map<string, number>();
  for (const line of lost) counts.set(keyOf(line), (counts.get(keyOf(line)) ?? 0) + 1);
  return standing.filter((line) => {
    const left = counts.get(keyOf(line)) ?? 0;
    counts.set(keyOf(line), left - 1);
    return left <= 0;
  });
}

/** A last line without its newline is the same line. */
function keyOf(line: Buffer): string {
  return line.toString("latin1", 0, line.at(-1) === NEWLINE ? line.length - 1 : line.length);
}

function sameLine(a: Buffer, b: Buffer): boolean {
  return keyOf(a) === keyOf(b);
}
