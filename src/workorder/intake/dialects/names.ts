/** The names under which dialects keep the same thing; the first that is there counts. */

export const PATH_NAMES = ["path", "file", "file_path", "filepath", "target_file", "filename", "dest"] as const;
export const CONTENT_NAMES = ["content", "contents", "text", "content_base64"] as const;
export const FIND_NAMES = ["find", "search", "old", "old_str", "old_string", "old_text"] as const;
export const REPLACE_NAMES = [
  "replace",
  "replacement",
  "replace_with",
  "with",
  "new",
  "new_str",
  "new_string",
  "new_text",
] as const;
export const PATCH_NAMES = ["patch", "patch_content", "diff", "patches"] as const;
export const RUN_NAMES = ["run", "command", "cmd", "script", "shell"] as const;
