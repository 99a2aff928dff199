/** Scripted histories: each is made by real git, and asked about. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHANGED } from "./stories/changed-fixture.ts";
import { FOLDERS } from "./stories/folders-fixture.ts";
import { GONE } from "./stories/gone-fixture.ts";
import { asTold, newRepository, type Stories, type Story, type Told, told } from "./stories/story-fixture.ts";

describe.each<[string, Stories]>([
  ["gone", GONE],
  ["changed", CHANGED],
  ["folders", FOLDERS],
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
