/**
 * Who may import whom. `ROOMS` is the table of docs/architecture.md as data; test/tidy.test.ts holds the two together.
 *
 * `base` may be imported by every room and is left out of the lists. Tests stand outside the table, because they need the real
 * ports, but they too come through the doors of other rooms.
 */

const EVERY_ROOM = [
  "tree",
  "protocol",
  "ledger",
  "vault",
  "component",
  "cause",
  "hooks",
  "services",
  "workorder",
  "guard",
  "rollback",
  "diagnose",
  "health",
  "alerts",
  "fleet",
  "operations",
  "daemon",
  "surfaces",
  "platform",
];
const everyRoomBut = (...rooms) => EVERY_ROOM.filter((room) => !rooms.includes(room));

/** Room → the rooms that it may import, beside `base` and itself. */
const ROOMS = {
  base: [],
  platform: [],
  tree: [],
  protocol: [],
  ledger: ["tree"],
  vault: ["tree"],
  component: ["tree", "ledger", "vault"],
  cause: ["tree", "ledger"],
  hooks: ["tree", "ledger", "vault", "component", "cause"],
  services: ["tree"],
  workorder: ["tree", "ledger", "vault", "component"],
  guard: ["tree", "ledger", "vault", "component", "cause", "workorder"],
  rollback: ["tree", "ledger", "vault", "component", "cause", "workorder"],
  diagnose: ["tree", "ledger", "vault", "component", "cause"],
  health: ["tree", "ledger", "component", "workorder"],
  alerts: ["ledger"],
  fleet: ["tree", "ledger", "vault", "component", "workorder"],
  operations: everyRoomBut("platform", "operations", "daemon", "surfaces"),
  daemon: everyRoomBut("platform", "daemon", "surfaces"),
  surfaces: ["operations", "protocol", "hooks"],
};

/** Where a process or a worker begins: the only files that join rooms with the real ports. */
const ROOTS = "^src/(main|hook|worker)\\.ts$";
/** Tests, and what only they use: `vault-fixture.ts` beside `vault.test.ts`. */
const TEST = "(\\.test|-fixture)\\.ts$";

const roomRules = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `room-${room}`,
  comment: `${room}/ imports ${allowed.length === 0 ? "no room" : `no room but ${allowed.join(", ")}`} (beside base; docs/architecture.md)`,
  severity: "error",
  from: { path: `^src/${room}/`, pathNot: TEST },
  to: { path: "^src/", pathNot: `^src/(${[room, ...new Set(["base", ...allowed])].join("|")})/` },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: "room-in-the-table",
      comment: "A new room comes with a row in docs/architecture.md and in ROOMS",
      severity: "error",
      from: { path: "^src/", pathNot: [`^src/(${Object.keys(ROOMS).join("|")})/`, ROOTS] },
      to: {},
    },
    {
      name: "through-the-door",
      comment: "A room is imported through its index.ts",
      severity: "error",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/[^/]+/", pathNot: "^src/($1/|[^/]+/index\\.ts$)" },
    },
    {
      name: "roots-through-the-door",
      comment: "A room is imported through its index.ts",
      severity: "error",
      from: { path: ROOTS },
      to: { path: "^src/[^/]+/", pathNot: "^src/[^/]+/index\\.ts$" },
    },
    {
      name: "no-cycle",
      comment: "Modules that need each other are one module, or lack a third; types alone may refer both ways",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-orphan",
      comment: "Nothing imports this file, and it imports nothing",
      severity: "error",
      from: { orphan: true, path: "^src/", pathNot: [TEST, ROOTS] },
      to: {},
    },
    {
      name: "only-the-root-is-run",
      comment: "Nothing imports a root",
      severity: "error",
      from: {},
      to: { path: ROOTS },
    },
    {
      name: "tests-stay-out",
      comment: "What is shipped imports no test and no fake",
      severity: "error",
      from: { path: "^src/", pathNot: TEST },
      to: { path: [TEST, "^test/"] },
    },
    {
      name: "resolvable",
      comment: "The file or package does not exist",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
// depcruise's schema knows no such key, so the table travels beside the exported rules, for the tidy test.
Object.defineProperty(module.exports, "ROOMS", { value: ROOMS, enumerable: false });
