/** The JSON editor, however it was loaded: its package is a UMD module, which Node hands over as `default` and a bundle by its names. */

import * as loaded from "jsonc-parser";

const whole = loaded as unknown as { default?: typeof loaded };
export const jsonc: typeof loaded = whole.default ?? loaded;
