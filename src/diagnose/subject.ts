/** What somebody asks about: a component, a path, or a glob, in whatever folder they stand. Looks only at names on the disk. */

import { basename, dirname, join, relative, resolve } from "node:path";
import { HoldfastError, isSystemError, type Ports } from "../base/index.ts";
import { isAtOrBelow, isGlob, literalPath, parseTreePath } from "../tree/index.ts";
import type { PastOptions } from "./git-past/kept-past.ts";

export interface Subject {
  /** As the answer names it: relative to the tree's root, or the pattern. */
  readonly path: string;
  readonly component: string | null;
  /** Real path of the folder that `parts` are relative to: the git checkout that they are in, else the tree's root. */
  readonly root: string;
  readonly parts: readonly SubjectPart[];
  /** From `root` to the tree's root, with a slash at its end; empty where they are one. `null`: the parts are not in that tree. */
  readonly prefix: string | null;
}

export interface SubjectPart {
  readonly path: string;
  readonly isGlob: boolean;
}

export interface Place {
  /** Real path of the tree's root. */
  readonly root: string;
  /** Where the person stands; `null`: at the root. */
  readonly cwd: string | null;
  /** Name → the patterns of its paths. */
  readonly components: Readonly<Record<string, { readonly paths: readonly string[] }>>;
  /** Where what makes git's history quick is kept; without it git walks all of it each time. */
  readonly past?: PastOptions;
}

type Looks = Pick<Ports, "disk" | "git">;

/** Throws `PATH_INVALID` and its like for what can be no path at all. What lies outside the tree is looked at where it lies. */
export function subjectOf(text: string, place: Place, ports: Looks): Subject {
  const { root, components } = place;
  if (text === "" || text.includes("\0"))
    throw new HoldfastError("PATH_INVALID", "what is to be diagnosed?", { hint: "holdfast diagnose <path>" });
  const component = Object.hasOwn(components, text) ? components[text] : undefined;
  if (component !== undefined) {
    const parts = component.paths.map(partOf);
    return inCheckout({ path: parts.length === 1 ? parts[0]!.path : text, component: text, root, parts }, ports);
  }
  const path = absolutePath(text, place, ports);
  const isPattern = isGlob(text) && !isThere(path, ports.disk);
  if (path === root)
    return inCheckout({ path: ".", component: null, root, parts: [{ path: "**", isGlob: true }] }, ports);
  if (!isAtOrBelow(path, root)) return outside(path, ports);
  const shown = relative(root, path);
  // Git's own folder has no history: it is looked at as it stands.
  if (!isPattern && isGitsOwn(shown)) return { ...outside(path, ports), path: shown, root: dirname(path) };
  const parts = [{ path: shown, isGlob: isPattern }];
  return inCheckout({ path: shown, component: null, root, parts }, ports);
}

function isGitsOwn(path: string): boolean {
  try {
    parseTreePath(path);
    return false;
  } catch (error) {
    if (error instanceof HoldfastError && error.code === "PATH_FORBIDDEN") return true;
    throw error;
  }
}

function partOf(pattern: string): SubjectPart {
  const literal = literalPath(pattern);
  return literal === null ? { path: pattern, isGlob: true } : { path: literal, isGlob: false };
}

/** A path is meant from where one stands. Agents give it from the root, wherever they stand: then what is there decides. */
function absolutePath(text: string, { root, cwd }: Place, { disk }: Looks): string {
  const stand = cwd !== null && isAtOrBelow(cwd, root) ? cwd : root;
  const meant = [resolve(stand, text), resolve(root, text)].map((path) =>
    isAtOrBelow(path, root) ? path : realByParent(path, disk),
  );
  return meant.find((path) => isAtOrBelow(path, root) && isThere(path, disk)) ?? meant[0]!;
}

/** Links that go in circles, or a folder that may not be entered, lead nowhere. */
function isThere(path: string, disk: Pick<Ports["disk"], "lstat">): boolean {
  try {
    return disk.lstat(path) !== null;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

function checkoutAround(folder: string, git: Ports["git"]): string | null {
  try {
    return git.locate(folder)?.workTree ?? null;
  } catch (error) {
    if (isSystemError(error)) return null;
    throw error;
  }
}

/** The same parts from the root of the checkout that holds them: a submodule, a nested repository, or one around the tree. */
function inCheckout(subject: Omit<Subject, "prefix">, { git }: Looks): Subject {
  const { root, parts } = subject;
  const [part] = parts;
  const start = parts.length === 1 && !part!.isGlob ? dirname(join(root, part!.path)) : root;
  const checkout = checkoutAround(start, git) ?? root;
  if (checkout === root) return { ...subject, prefix: "" };
  if (isAtOrBelow(root, checkout)) {
    const prefix = `${relative(checkout, root)}/`;
    return { ...subject, root: checkout, prefix, parts: parts.map((one) => ({ ...one, path: prefix + one.path })) };
  }
  const below = relative(checkout, join(root, part!.path));
  return { ...subject, root: checkout, prefix: null, parts: [{ path: below, isGlob: false }] };
}

function outside(path: string, { git }: Looks): Subject {
  const root = checkoutAround(dirname(path), git) ?? dirname(path);
  return { path, component: null, root, prefix: null, parts: [{ path: relative(root, path), isGlob: false }] };
}

/** Of a path that was spelled through links: its real place, whose last name need not exist. */
function realByParent(path: string, disk: Pick<Ports["disk"], "realpath">): string {
  const missing = [basename(path)];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      return join(disk.realpath(folder), ...missing);
    } catch {
      if (folder === "/") return path;
      missing.unshift(basename(folder));
    }
  }
}
