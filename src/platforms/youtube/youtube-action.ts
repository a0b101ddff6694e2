import {
  type Action,
  type ActionContext,
  type ActionDeclaration,
  defineAction,
} from '../../actions/action.js';
import { type FieldOptions, listFields, Text } from '../../actions/fields.js';
import { explainReason } from './explain.js';
import type { YouTubeScope } from './scopes.js';

/** Declares an action on YouTube: its scopes are typed, so that a typo does not compile. */
export function youtubeAction<Input extends object, Output extends object, Answer>(
  declaration: ActionDeclaration<Input, Output, YouTubeScope, Answer>,
): Action {
  const fields = new Set(listFields(declaration.input).map(({ name }) => name));
  return defineAction({ explain: (reason) => explainReason(reason, fields), ...declaration });
}

/**
 * An id of YouTube. Those of live chats and replies have dots in them; a comma would make a list of
 * one id, and a list is more than was asked for.
 */
export function YouTubeId(description: string, options: FieldOptions = {}): PropertyDecorator {
  return Text(description, {
    ...options,
    max: 512,
    pattern: /^[A-Za-z0-9_.=-]+$/,
    patternMeans: 'an id of YouTube, made of letters, digits, "-", "_", "." and "="',
  });
}

/** What YouTube's pages refuse in titles and descriptions. */
export const WITHOUT_ANGLES = {
  pattern: /^[^<>]*$/,
  patternMeans: 'text without < and >',
} as const;

/** A language as BCP 47 spells it. */
export const LANGUAGE = {
  max: 35,
  pattern: /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/,
  patternMeans: 'a language of BCP 47, such as en or de-AT',
} as const;

/** Changes of one playlist leave in order of arrival. */
export function orderOfPlaylist(
  _context: ActionContext,
  { playlist_id }: { readonly playlist_id: string },
): string {
  return `youtube:playlist:${playlist_id}`;
}

/** Changes of one video leave in order of arrival: each reads what the last one wrote. */
export function orderOfVideo(
  _context: ActionContext,
  { video_id }: { readonly video_id: string },
): string {
  return `youtube:video:${video_id}`;
}

/** What an account says in live chats leaves in order of arrival, whether it names the chat or not. */
export function orderOfChat({ account }: ActionContext): string {
  return `youtube:chat:${account.id}`;
}
