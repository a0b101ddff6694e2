import { type Action, type ActionDeclaration, defineAction } from '../../actions/action.js';
import type { TwitchScope } from './scopes.js';

/** Declares an action on Twitch: its scopes are typed, so that a typo does not compile. */
export function twitchAction<Input extends object, Output extends object, Answer>(
  declaration: ActionDeclaration<Input, Output, TwitchScope, Answer>,
): Action {
  return defineAction(declaration);
}

/** The form of Helix answers that hold exactly one thing. */
export interface HelixOne<Item> {
  readonly data: readonly [Item];
}

/** The form of Helix answers that hold any number of things. */
export interface HelixList<Item> {
  readonly data: readonly Item[];
}
