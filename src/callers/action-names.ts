/** The names of actions; the catalogue provides them. */
export abstract class ActionNames {
  /** Full names of actions in place of names of platforms and groups. */
  abstract expandActions(names: ReadonlySet<string>): ReadonlySet<string>;
}
