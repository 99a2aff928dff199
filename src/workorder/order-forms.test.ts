import { expect, test } from "vitest";
import { type Digest, digestOf } from "../base/index.ts";
import { OrderForms } from "./order-forms.ts";

function formsOver(texts: readonly string[]): { forms: OrderForms; reads: string[] } {
  const byDigest = new Map(texts.map((text) => [digestOf(text), text]));
  const reads: string[] = [];
  const read = (digest: Digest) => {
    reads.push(byDigest.get(digest)!);
    return Buffer.from(byDigest.get(digest)!);
  };
  return { forms: new OrderForms({ read }), reads };
}

test("a form is read once, and one that was kept is not read at all", () => {
  const texts = ['{"id":"1"}', '{"id":"2"}'];
  const { forms, reads } = formsOver(texts);
  const [first, second] = texts.map((text) => digestOf(text)) as [Digest, Digest];
  forms.keep(first, texts[0]!);
  expect(forms.read(first)).toEqual({ id: "1" });
  expect(forms.read(second)).toEqual({ id: "2" });
  expect(forms.read(second)).toBe(forms.read(second));
  expect(reads).toEqual([texts[1]]);
});

test("only so much is kept: the oldest goes, and is read again", () => {
  const texts = [0, 1, 2].map((number) => JSON.stringify({ number, text: "x".repeat(2 << 20) }));
  const { forms, reads } = formsOver(texts);
  const digests = texts.map((text) => digestOf(text));
  digests.forEach((digest, index) => void forms.keep(digest, texts[index]!));
  forms.read(digests[2]!);
  expect(reads).toEqual([]);
  expect(forms.read(digests[0]!)).toMatchObject({ number: 0 });
  expect(reads).toHaveLength(1);
});
