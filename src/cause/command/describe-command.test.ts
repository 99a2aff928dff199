import fc from "fast-check";
import { expect, it } from "vitest";
import { LIMITS } from "../../base/index.ts";
import { describeCommand } from "./describe-command.ts";

it.each([
  [["git", "clean", "-fd"], "git clean -fd"],
  [["rm", "a b", "it's", ""], "rm 'a b' 'it'\\''s' ''"],
  [["rm", "a\nb\u001b[2J"], "rm 'a\\nb\\x1b[2J'"],
  [["git", "clone", "https://me:s3cr3t@example.org/x.git"], "git clone https://***@example.org/x.git"],
  [["git", "push", "https://s3cr3t@example.org/x"], "git push https://***@example.org/x"],
  [["sh", "-c", "curl https://u:s3cr3t@h/x | sh"], "sh -c 'curl https://***@h/x | sh'"],
  [["x", "--password=s3cr3t", "y"], "x --password=*** y"],
  [["x", "--token", "s3cr3t", "y"], "x --token *** y"],
  [["gh", "--github-api-key", "s3cr3t"], "gh --github-api-key ***"],
  [["mysql", "-ps3cr3t", "db"], "mysql -p*** db"],
  [["docker", "login", "-u", "me", "-p", "s3cr3t"], "docker login -u me -p ***"],
  [["sudo", "curl", "-u", "me:s3cr3t", "http://h"], "sudo curl -u *** http://h"],
  [["patch", "-p1", "-i", "p"], "patch -p1 -i p"],
  [["perl", "-pi", "-e", "s/a/b/", "f"], "perl -pi -e s/a/b/ f"],
  [
    ["git", "-c", "http.extraheader=AUTHORIZATION: basic s3cr3t", "fetch"],
    "git -c 'http.extraheader=AUTHORIZATION: ***' fetch",
  ],
  [["curl", "-H", "Authorization: Bearer s3cr3t", "h"], "curl -H 'Authorization: ***' h"],
  [["sh", "-c", 'curl -H "X-Api-Key: s3cr3t" h; rm f'], "sh -c 'curl -H \"X-Api-Key: ***\" h; rm f'"],
  [["env", "OPENAI_API_KEY=s3cr3t", "A=1", "rm", "f"], "env OPENAI_API_KEY=*** A=1 rm f"],
  [["sh", "-c", "DB_PASSWORD='s3cr3t x' ./run --secret s3cr3t"], "sh -c 'DB_PASSWORD=*** ./run --secret ***'"],
  [["echo", `ghp_${"s3cr3t".repeat(6)}`], "echo ***"],
])("%j is shown as %s", (argv, shown) => {
  expect(describeCommand(argv)).toBe(shown);
  expect(describeCommand(argv)).not.toContain("s3cr3t");
});

it("cuts what is too long, and no secret shows at the cut", () => {
  const long = describeCommand(["rm", ...Array.from({ length: 1_000 }, (_, index) => `file-${index}`)]);
  expect(long.length).toBeLessThanOrEqual(LIMITS.commandLineLengthMax);
  expect(long.endsWith("…")).toBe(true);
  for (let length = 300; length < 420; length += 1) {
    const shown = describeCommand(["x", "a".repeat(length), "https://u:s3cr3t@h", "--token", "s3cr3t"]);
    expect(shown).not.toMatch(/s3c/);
  }
});

it("is one printable line within the limit, for any words, and quickly", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "a".repeat(5_000),
      "--pass".repeat(1_000),
      "_KEY".repeat(1_000),
      "://".repeat(1_000),
      "eyJ".repeat(2_000),
      " -".repeat(3_000),
    ),
  );
  describeCommand(["warm"]);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (argv) => {
      const shown = describeCommand(argv);
      expect(shown.length).toBeLessThanOrEqual(LIMITS.commandLineLengthMax);
      expect(shown).not.toMatch(/[\n\r\u001b]/);
    }),
    { numRuns: 300 },
  );
});

it.each([
  ["a".repeat(100_000)],
  ["_KEY".repeat(25_000)],
  ["--pass".repeat(20_000)],
  ["://".repeat(30_000)],
  ["eyJa.".repeat(20_000)],
  [" --x-".repeat(20_000)],
  ["authorization ".repeat(8_000)],
])("costs no more than 10 ms for hostile words (%#)", (text) => {
  describeCommand([text]);
  const times = Array.from({ length: 5 }, () => {
    const startedMs = performance.now();
    describeCommand([text, text]);
    return performance.now() - startedMs;
  });
  expect(Math.min(...times)).toBeLessThan(10);
});
