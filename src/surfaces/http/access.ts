/**
 * Who may ask: whoever brings the token, from this machine, under this server's own name.
 *
 * The token lies in the state folder (0600) and never in an address: a one-time link puts it into a cookie that scripts cannot read
 * and other sites do not send. `Host` is checked because a stranger's name can be made to point at 127.0.0.1 (DNS rebinding),
 * `Origin` because a browser sends cookies along with what another page asks of it.
 */

import { timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { HoldfastError, LIMITS, type Ports } from "../../base/index.ts";

const COOKIE = "holdfast";
const TOKEN_BYTES = 32;
const TOKEN_PATTERN = /^[\w-]{43}$/;

export interface Access {
  /** Throws `PAGE_STRANGER` for a request that another site made or that came under another name. */
  proveOrigin(request: Request): void;
  /** Throws `PAGE_TOKEN`. */
  proveToken(request: Request): void;
  /** A code that opens the page once, within `LIMITS.pageLinkMs`. */
  mintCode(): string;
  /** The cookie that the code is worth; `null` where it is none, was used, or is too old. */
  redeem(code: string): string | null;
}

export function openAccess(
  stateDir: string,
  ports: Pick<Ports, "disk" | "random" | "clock">,
  port: () => number,
): Access {
  const token = loadToken(join(stateDir, "page-token"), ports);
  /** Code → until when it is good, monotonic. */
  const codes = new Map<string, number>();
  return {
    proveOrigin(request) {
      const names = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port()}`);
      const host = request.headers.get("host");
      if (host === null || !names.includes(host))
        throw new HoldfastError("PAGE_STRANGER", "the request is for another host than this one");
      const origin = request.headers.get("origin");
      if (origin !== null && origin !== `http://${host}`)
        throw new HoldfastError("PAGE_STRANGER", "the request was made by a page of another site");
      const site = request.headers.get("sec-fetch-site");
      if (site !== null && site !== "same-origin" && site !== "none")
        throw new HoldfastError("PAGE_STRANGER", "the request was made by a page of another site");
      // Every browser names the origin of a POST; who has none must show the token itself.
      if (request.method !== "GET" && origin === null && bearer(request) === null)
        throw new HoldfastError("PAGE_STRANGER", "a request that changes something has to say where it comes from");
    },
    proveToken(request) {
      const shown = bearer(request) ?? cookie(request);
      if (shown === null) throw new HoldfastError("PAGE_TOKEN", "the request brought no token");
      if (!isEqual(shown, token)) throw new HoldfastError("PAGE_TOKEN", "the token is a wrong one");
    },
    mintCode() {
      const nowMs = ports.clock.monotonicMs();
      for (const [code, untilMs] of codes) if (untilMs <= nowMs) codes.delete(code);
      while (codes.size >= LIMITS.pageLinksMax) codes.delete(codes.keys().next().value!);
      const code = ports.random.bytes(TOKEN_BYTES).toString("base64url");
      codes.set(code, nowMs + LIMITS.pageLinkMs);
      return code;
    },
    redeem(code) {
      const untilMs = codes.get(code);
      codes.delete(code);
      if (untilMs === undefined || untilMs <= ports.clock.monotonicMs()) return null;
      return `${COOKIE}-${port()}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`;
    },
  };

  /** Cookies know no ports: each tree's page has a name of its own. */
  function cookie(request: Request): string | null {
    const wanted = `${COOKIE}-${port()}=`;
    const all = request.headers.get("cookie")?.split(/;\s*/) ?? [];
    return all.find((one) => one.startsWith(wanted))?.slice(wanted.length) ?? null;
  }
}

function bearer(request: Request): string | null {
  return /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Made at the first start; one that is damaged, or that others could read, is made anew. */
function loadToken(path: string, { disk, random }: Pick<Ports, "disk" | "random">): string {
  const stat = disk.lstat(path);
  if (stat?.kind === "file" && (stat.mode & 0o077) === 0) {
    const fd = disk.openRead(path);
    try {
      const bytes = Buffer.alloc(128);
      const text = bytes
        .subarray(0, disk.read(fd, bytes, 0, bytes.length, 0))
        .toString()
        .trim();
      if (TOKEN_PATTERN.test(text)) return text;
    } finally {
      disk.close(fd);
    }
  }
  if (stat !== null) disk.unlink(path);
  const token = random.bytes(TOKEN_BYTES).toString("base64url");
  const fd = disk.createNew(path, 0o600);
  try {
    disk.write(fd, Buffer.from(`${token}\n`), null);
  } finally {
    disk.close(fd);
  }
  return token;
}
