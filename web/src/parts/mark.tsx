/** The three meanings, in shape, colour and word: nobody has to tell green from red. */

export type Meaning = "held" | "raised" | "lost" | "open";

const SHAPES: Record<Meaning, { sign: string; word: string }> = {
  held: { sign: "●", word: "held" },
  raised: { sign: "▲", word: "raised" },
  lost: { sign: "✗", word: "lost" },
  open: { sign: "○", word: "open" },
};

export function Mark({ of, word }: { of: Meaning; word?: string }) {
  const { sign, word: usual } = SHAPES[of];
  return (
    <span class={`mark ${of}`} role="img" aria-label={word ?? usual}>
      {sign}
    </span>
  );
}
