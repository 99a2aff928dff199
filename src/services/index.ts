/** What the operating system runs for a tree: units as they should be, as they are, and what is wrong with them. */

export { type InstalledUnits, installUnits, ownUnitFiles, type UninstalledUnits, uninstallUnits } from "./install.ts";
export { lookAtService, type ServiceLook } from "./look.ts";
export { type SurveyedUnit, surveyUnits } from "./survey-units.ts";
export { daemonLabel, desiredUnits } from "./unit.ts";
