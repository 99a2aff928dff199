import { constants } from "node:os";

/** An error that looks as if the system call had failed with `code` (`"EISDIR"`): same fields as Node's own `ErrnoException`. */
export function systemError(code: keyof typeof constants.errno, syscall: string, path?: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`${code}: ${syscall}${path === undefined ? "" : ` '${path}'`}`);
  error.code = code;
  error.errno = -constants.errno[code];
  error.syscall = syscall;
  if (path !== undefined) error.path = path;
  return error;
}
