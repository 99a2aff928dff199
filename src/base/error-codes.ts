/** The registry of error codes. Adding one: pick the kind, write what it means for a user, and a hint that always helps. */

import type { ErrorKind } from "./errors.ts";

interface CodeEntry {
  readonly kind: ErrorKind;
  readonly about: string;
  readonly hint: string;
}

function code(kind: ErrorKind, about: string, hint: string): CodeEntry {
  return { kind, about, hint };
}

export const ERROR_CODES = {
  USAGE: code("usage", "The command line could not be understood.", "holdfast --help"),

  // tree, configuration
  TREE_NOT_FOUND: code("not-found", "No tree that Holdfast knows is here.", "holdfast init"),
  TREE_IS_COPY: code(
    "refused",
    "This folder is a copy of a registered tree; Holdfast only reads it.",
    "holdfast status --tree <canonical tree>",
  ),
  TREE_MOVED: code(
    "refused",
    "The tree lies under another path than the one it is registered for.",
    "holdfast tree adopt <new path>",
  ),
  TREE_ADOPT_ASKS: code(
    "refused",
    "The canonical tree is only moved when somebody says so.",
    "holdfast tree adopt <dir> --yes",
  ),
  TREE_NO_COPY: code("not-found", "The folder is no copy of this tree.", "holdfast tree list"),
  WORKSPACE_UNKNOWN: code("not-found", "The vault knows no such workspace (git worktree).", "holdfast tree list"),
  TREE_UNSUITABLE: code("invalid", "The folder cannot be a tree.", "holdfast init <dir>"),
  CONFIG_INVALID: code(
    "invalid",
    "holdfast.yaml is not valid.",
    "edit holdfast.yaml, then: holdfast accept holdfast.yaml",
  ),
  CONFIG_NOT_ACCEPTED: code("refused", "holdfast.yaml differs from the accepted one.", "holdfast accept holdfast.yaml"),
  PATH_INVALID: code("invalid", "A path is not usable inside a tree.", "give a path relative to the tree's root"),
  PATH_ESCAPES: code("invalid", "A path leaves the tree.", "give a path inside the tree"),
  PATH_FORBIDDEN: code("refused", "A path belongs to git or to Holdfast itself.", "choose another path"),
  PATH_THROUGH_LINK: code("refused", "A symbolic link stands on the way to a path.", "name the real path"),

  // the page
  PAGE_STRANGER: code("refused", "A web request came from another site, or under another name.", "holdfast dashboard"),
  PAGE_TOKEN: code("refused", "A web request brought no token, or a wrong one.", "holdfast dashboard"),
  PAGE_CONFIRMATION: code(
    "refused",
    "What cannot be taken back has to be confirmed by typing the verb's name.",
    'send {"confirm": "<verb>"} with it',
  ),
  PAGE_TOO_MANY: code("unavailable", "More event streams are open than are served.", "close a page, then try again"),
  PAGE_NOT_RUNNING: code("unavailable", "No daemon serves the page.", "holdfast up"),
  VERB_UNKNOWN: code("not-found", "There is no such verb, or not on this surface.", "holdfast --help"),

  // store, ledger, vault
  STORE_UNAVAILABLE: code("unavailable", "The state folder cannot be opened.", "holdfast status"),
  STORE_NEWER: code("unavailable", "The store was written by a newer Holdfast.", "install that version or a newer one"),
  STORE_FULL: code(
    "unavailable",
    "The disk that holds the state folder is full.",
    "free some space, then run the command again",
  ),
  LEDGER_BROKEN: code("unavailable", "The ledger's hash chain does not hold.", "holdfast ledger verify"),
  LOCK_BUSY: code("unavailable", "Another Holdfast process is writing.", "wait for it, or: holdfast status"),
  DAEMON_WEDGED: code(
    "unavailable",
    "The daemon holds the tree but does not answer.",
    "end the named process, then run the command again",
  ),
  DAEMON_RUNNING: code("unavailable", "A daemon guards this tree already.", "holdfast status"),
  DAEMON_GONE: code("unavailable", "The daemon ended before it answered.", "run the command again"),
  CALL_TIMEOUT: code("unavailable", "The daemon did not finish in the time that was given.", "holdfast status"),
  PROTOCOL: code("unavailable", "The daemon's answer could not be understood.", "restart `holdfast up`"),
  DIGEST_UNKNOWN: code("not-found", "The vault holds no such content.", "holdfast history <path>"),
  VAULT_CORRUPT: code("unavailable", "A vault record is damaged.", "holdfast vault verify"),
  VAULT_PRUNED: code(
    "unavailable",
    "Bytes that a change counted on were pruned while it was made.",
    "run the command again",
  ),
  SNAPSHOT_UNKNOWN: code("not-found", "There is no such snapshot.", "holdfast snapshots"),
  PATH_UNKNOWN: code("not-found", "The vault knows no such path.", "holdfast history <path>"),
  RESTORE_INCOMPLETE: code("failed", "Some paths could not be restored.", "see the list of kept paths"),

  // guard
  GUARD_UNWATCHED: code(
    "unavailable",
    "Some folders raise no events: what changes there is noticed by the next sweep only.",
    "raise the system's limit on watches (Linux: sysctl fs.inotify.max_user_watches), then restart `holdfast up`",
  ),
  GUARD_BRAKED: code(
    "unavailable",
    "The tree's root is not the folder that was guarded: nothing is looked at or repaired until it is back.",
    "mount the tree, or move it back",
  ),

  // components
  COMPONENT_UNKNOWN: code("not-found", "There is no such component.", "holdfast components"),
  COMPONENT_INVALID: code("invalid", "The component cannot be defined like this.", "holdfast protect --help"),
  INCIDENT_UNKNOWN: code("not-found", "There is no such incident.", "holdfast incidents"),
  WINDOW_UNKNOWN: code(
    "not-found",
    "No maintenance window is open.",
    "holdfast maintenance begin --for 10m --reason <text>",
  ),
  ROLLBACK_UNKNOWN: code("not-found", "There is nothing of that name to go back to.", "holdfast rollback --help"),
  ROLLBACK_PROTECTED: code(
    "refused",
    "Going back would take protected components.",
    "holdfast rollback --force <target>, if a person means it",
  ),
  ROLLBACK_OVERLAPS: code(
    "refused",
    "Somebody changed a path later; going back would take that, too.",
    "undo the later change first, or: holdfast restore <path> --from <state>",
  ),
  ROLLBACK_BEFORE_FAILED: code(
    "failed",
    "A command that must pass before any rollback failed; nothing was changed.",
    "see the command's output, or rollback.before in holdfast.yaml",
  ),
  ROLLBACK_NOTHING: code("invalid", "It left nothing behind that could be undone.", "holdfast history"),
  SCRIPT_UNSUITABLE: code(
    "invalid",
    "The script cannot be adopted.",
    "holdfast rollback <script> runs any script protected",
  ),
  RUN_TOO_DEEP: code(
    "invalid",
    "A protected command starts itself under Holdfast again and again.",
    "start the command without holdfast",
  ),
  RUN_UNKNOWN: code("not-found", "No such command runs under Holdfast.", "holdfast history"),
  REFUSED_FOR_AGENT: code("refused", "An agent may not do this; a person must.", "ask the person who owns the tree"),

  // work orders: intake
  WO_UNREADABLE: code("invalid", "The file cannot be read as a work order.", "fix the file and drop it again"),
  WO_SYNTAX: code("invalid", "The order is not valid YAML or JSON.", "fix the named line and submit again"),
  WO_TOO_LARGE: code("invalid", "The order is larger than the limit.", "split the order"),
  WO_TOO_DEEP: code("invalid", "The order is nested deeper than the limit.", "flatten the order"),
  WO_TOO_MANY: code("invalid", "The order has more entries than the limit.", "split the order"),
  WO_ALIASES: code("invalid", "The order's YAML aliases expand beyond the limit.", "write the values out"),
  WO_CUT_OFF: code(
    "invalid",
    "The order seems to be cut off.",
    "write the file completely (end it with a newline) and drop it again",
  ),
  WO_DUPLICATE_KEY: code("invalid", "A key stands twice in the order.", "remove one of them"),
  WO_INVALID: code("invalid", "The order's content is not valid.", "fix the named field and submit again"),
  WO_NOT_A_FILE: code("invalid", "What lies in the inbox is no regular file.", "remove it"),
  WO_FROM_GIT: code(
    "invalid",
    "The inbox file is tracked by git; what a pull brings is not executed.",
    "holdfast submit <file>",
  ),
  WO_CHECKSUM: code(
    "invalid",
    "The folder order's checksums do not match.",
    "make the sums again and drop the folder again",
  ),
  WO_NOT_AN_ORDER: code("invalid", "The document is no work order.", "see the reason beside it"),

  // work orders: planning and running
  WO_ID_REUSED: code(
    "invalid",
    "An order of this id with other bytes was taken already.",
    "choose another id, or set `supersedes: <id>`",
  ),
  WO_UNKNOWN: code("not-found", "There is no such order.", "holdfast wo list"),
  WO_STATE: code("refused", "The order's state does not allow this.", "holdfast wo show <id>"),
  WO_PATH_ESCAPES: code(
    "invalid",
    "The order names a path outside the tree.",
    "make the path relative, or allow its folder in orders.allowOutside",
  ),
  WO_PATH_FORBIDDEN: code("invalid", "The order names a path of git or of Holdfast itself.", "choose another path"),
  WO_PATH_THROUGH_LINK: code(
    "invalid",
    "A symbolic link stands on the way to a path of the order.",
    "name the real path",
  ),
  WO_PATH_CONFLICT: code("invalid", "Two effects of the order contradict each other.", "name each path once"),
  WO_EDIT_NO_MATCH: code("invalid", "The text to replace was not found.", "holdfast diff, then adapt the order"),
  WO_EDIT_MANY_MATCHES: code(
    "invalid",
    "The text to replace was found more than once.",
    "give more context, or a count",
  ),
  WO_PATCH_FAILED: code("invalid", "The patch does not fit the file.", "make the patch against the present content"),
  WO_PRECONDITION: code(
    "invalid",
    "The tree is not as the order expects it.",
    "look at the named path, then submit again",
  ),
  WO_SHRINKS: code(
    "invalid",
    "A whole-file write would empty a file or leave a small rest of it.",
    "set `allow_shrink: true` in the order if this is meant",
  ),
  WO_DIGEST_MISMATCH: code(
    "invalid",
    "Content differs from the digest that the order states.",
    "correct sha256 or the content",
  ),
  WO_CONFLICT: code(
    "failed",
    "Somebody else changed a path while the order was written; their bytes were kept.",
    "look at the named paths, then submit again",
  ),
  WO_VERIFY_FAILED: code("failed", "A check failed; the tree is as before.", "see the check's output"),
  WO_TIMEOUT: code("failed", "A command of the order took too long and was ended.", "give a longer timeout"),
  WO_STEP_FAILED: code("failed", "A command of the order failed.", "see the step's output"),
  WO_IO: code(
    "failed",
    "The disk refused a write; the tree is as before.",
    "fix the disk, then: holdfast wo retry <id>",
  ),
  WO_ASIDE_STAYS: code(
    "failed",
    "Something that somebody put where an order worked lies beside it under a temporary name.",
    "move it to where it belongs",
  ),
  WO_COMMANDS_DENIED: code(
    "invalid",
    "The configuration forbids orders that run commands.",
    "set orders.commands in holdfast.yaml",
  ),
  WO_INTERRUPTED: code(
    "failed",
    "Holdfast was ended while a command of the order ran; what it changed was undone.",
    "holdfast wo retry <id>",
  ),
  WO_CANCELLED: code("failed", "The order was cancelled; what it changed was undone.", "holdfast wo retry <id>"),
  WO_EXPIRED: code("failed", "The order did not finish in time.", "holdfast wo retry <id>"),
  WO_DEPENDENCY: code("failed", "An order that this one depends on did not succeed.", "holdfast wo show <id>"),
  DRILL_FAILED: code(
    "failed",
    "A step of the drill itself failed, so a row could not be shown.",
    "holdfast drill --keep",
  ),
  CANARY_FAILED: code("failed", "The canary order did not come through.", "holdfast canary --json"),

  SERVICE_CONFLICT: code(
    "refused",
    "Somebody else's unit is in the place of a service; it was left as it is.",
    "holdfast service install --replace puts it aside",
  ),
  SERVICE_UNAVAILABLE: code(
    "unavailable",
    "Neither launchd nor systemd's user manager could be asked.",
    "holdfast service status",
  ),
  HOOK_CONFLICT: code(
    "refused",
    "Somebody else's setting is in the place of a hook; it was left as it is.",
    "remove that setting, then: holdfast hooks install <target>",
  ),
  HOOK_CONFIG_INVALID: code("invalid", "An agent's configuration cannot be read.", "mend the named file"),
  HOOK_UNAVAILABLE: code(
    "unavailable",
    "What a hook is installed into is missing, locked or cannot be written.",
    "holdfast hooks status",
  ),

  ALERT_FAILED: code("failed", "An alert could not be delivered; it is tried again.", "holdfast alerts test"),

  DEFECT: code("defect", "A defect in Holdfast.", "please report it with the named file"),
} as const satisfies Record<string, CodeEntry>;
