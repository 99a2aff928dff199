/** Where each entry of a parsed document stands in its text. */

export type Path = readonly (string | number)[];

export class Offsets {
  readonly #byContainer = new Map<object, Map<string | number, number>>();

  note(container: object, key: string | number, offset: number): void {
    const offsets = this.#byContainer.get(container);
    if (offsets) offsets.set(key, offset);
    else this.#byContainer.set(container, new Map([[key, offset]]));
  }

  of(container: object, key: string | number): number | undefined {
    return this.#byContainer.get(container)?.get(key);
  }

  /** The offset of what `path` leads to from `root`, or of the nearest enclosing entry; `fallback` for the root itself. */
  find(root: unknown, path: Path, fallback: number): number {
    let value = root;
    let offset = fallback;
    for (const key of path) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) break;
      offset = this.of(value, key) ?? offset;
      value = (value as Record<string | number, unknown>)[key];
    }
    return offset;
  }
}

/** `["files", 0, "path"]` → `files[0].path`: how a field is named to people. */
export function fieldName(path: Path): string {
  return path.reduce<string>(
    (name, key) => (typeof key === "number" ? `${name}[${key}]` : name === "" ? key : `${name}.${key}`),
    "",
  );
}
