/** Scripted histories: each is made by real git, and asked about. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ALONE, type Alone } from "./stories/alone-fixture.ts";
import { BRANCHES } from "./stories/branches-fixture.ts";
import { CHANGED } from "./stories/changed-fixture.ts";
import { FOLDERS } from "./stories/folders-fixture.ts";
import { GONE } from "./stories/gone-fixture.ts";
import { asTold, newRepository, type Stories, type Story, type Told, told } from "./stories/story-fixture.ts";

describe.each<[string, Stories]>([
  ["gone", GONE],
  ["changed", CHANGED],
  ["folders", FOLDERS],
  ["branches", BRANCHES],
])("%s", (_, stories) => {
  let story: Story;
  const tellings = new Map<string, Told>();
  beforeAll(() => {
    story = newRepository();
    for (const [name, tell] of Object.entries(stories)) tellings.set(name, tell(story));
  });
  afterAll(() => story?.end());

  test.each(Object.keys(stories))("%s", async (name) => {
    const { ask, expected } = tellings.get(name)!;
    const answer = await story.ask(ask);
    expect(told(answer, expected), answer.says).toEqual(asTold(expected));
  });
});

describe("alone", () => {
  let last: Alone | null = null;
  afterEach(() => last?.story.end());

  test.each(Object.keys(ALONE))("%s", async (name) => {
    last = ALONE[name]!();
    const { story, ask, expected } = last;
    const answer = await story.ask(ask);
    expect(told(answer, expected), answer.says).toEqual(asTold(expected));
  });
});
