/** What the bundler takes out of the code and into a file of its own. */

declare module "*.css" {}
