import {
  type Action,
  type ActionContext,
  type ActionDeclaration,
  defineAction,
} from '../../actions/action.js';
import { ActionFailure } from '../../actions/failures.js';
import { isObject } from '../../actions/json.js';
import type { TwitchScope } from './scopes.js';

/** Declares an action on Twitch: its scopes are typed, so that a typo does not compile. */
export function twitchAction<Input extends object, Output extends object, Answer>(
  declaration: ActionDeclaration<Input, Output, TwitchScope, Answer>,
): Action {
  return defineAction(declaration);
}

/** What is done to one person in a channel leaves in the order it was asked for. */
export function orderOfUser(
  { account }: ActionContext,
  { user_id }: { readonly user_id: string },
): string {
  return `twitch:user:${account.id}:${user_id}`;
}

/** Moderation has a limit per broadcaster and minute whose figure is unpublished. */
export function queueOfModeration({ account }: ActionContext): string {
  return `twitch:moderation:${account.id}`;
}

/** The form of Helix answers that hold exactly one thing. */
export interface HelixOne<Item> {
  readonly data: readonly [Item];
}

/** The form of Helix answers that hold several things. */
export interface HelixList<Item> {
  readonly data: readonly Item[];
}

/**
 * The things in the answer to a read, which holds any number of them.
 * @throws ActionFailure PLATFORM_DOWN for an answer without a list: that is no list of nothing
 */
export function readList<Item>(answer: unknown): readonly Item[] {
  const data = isObject(answer) ? answer['data'] : undefined;
  if (Array.isArray(data)) return data as readonly Item[];
  throw new ActionFailure('PLATFORM_DOWN', 'The answer of Twitch holds no list');
}
