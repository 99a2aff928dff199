/** Changes `holdfast.yaml` and accepts the result: what a verb writes there has been said by whoever called it. */

import { checkRules } from "../alerts/index.ts";
import { HoldfastError, type TreePath } from "../base/index.ts";
import { CONFIG_FILE, type Config, checkComponents, parseConfig, type Tree } from "../tree/index.ts";
import { replaceFile } from "../workorder/index.ts";
import { type OperationContext, writerOf } from "./operation.ts";
import { readConfigText } from "./read-config.ts";

/** `CONFIG_NOT_ACCEPTED` when the file was changed by somebody since it was accepted: their edit would be accepted along. */
export async function editConfiguration(context: OperationContext, edit: (text: string) => string): Promise<void> {
  const { house, tree, ports, actor } = context;
  const text = readConfigText(tree, ports.disk);
  if (text === null || house.configuration.differs(text)) {
    throw new HoldfastError("CONFIG_NOT_ACCEPTED", `${CONFIG_FILE} was changed and is not accepted yet`, {
      hint: `holdfast accept ${CONFIG_FILE}`,
    });
  }
  const edited = edit(text);
  checkConfiguration(tree, parseConfig(edited));
  await replaceFile({ path: CONFIG_FILE as TreePath, content: Buffer.from(edited) }, writerOf(context).house).finally(
    () => writerOf(context).engine.settle(),
  );
  await house.configuration.accept(edited, actor);
}

/** What is asked of a configuration before it is accepted, beside its schema. Throws `COMPONENT_INVALID`, `CONFIG_INVALID`. */
export function checkConfiguration(tree: Tree, config: Config): void {
  checkComponents(tree, config);
  checkRules(config.alerts);
}
