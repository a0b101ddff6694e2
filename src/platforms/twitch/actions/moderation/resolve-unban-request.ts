import { Choice, Id, Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class ResolveUnbanRequest {
  @Id('Id of the request', { example: '5a6d0000-0000-4000-8000-000000000611' })
  unban_request_id!: string;

  @Choice('What is decided', ['approved', 'denied'])
  status!: string;

  @Text('Why, for the user', { optional: true, max: 500, private: true })
  resolution_text?: string;
}

class ResolveUnbanRequestResult {
  @Id('Id of the request')
  unban_request_id!: string;

  @Text('Its status now')
  status!: string;

  @Id('Id of the user who asked')
  user_id!: string;
}

interface HelixResolveUnbanRequest {
  readonly id: string;
  readonly status: string;
  readonly user_id: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#resolve-unban-requests */
export const resolveUnbanRequest = twitchAction({
  type: 'resolve_unban_request',
  group: 'moderation',
  summary: 'Approve or deny a request to be unbanned',
  docs: 'https://dev.twitch.tv/docs/api/reference/#resolve-unban-requests',
  effect: 'update',
  order: (_context, { unban_request_id }) => `twitch:unban_request:${unban_request_id}`,
  scopes: ['moderator:manage:unban_requests'],
  actsAs: 'actor',
  input: ResolveUnbanRequest,
  output: ResolveUnbanRequestResult,
  request: ({ unban_request_id, status, resolution_text }, { account, actor }) => ({
    method: 'PATCH',
    path: '/moderation/unban_requests',
    query: {
      broadcaster_id: account.id,
      moderator_id: actor.id,
      unban_request_id,
      status,
      resolution_text,
    },
  }),
  response: ({ data: [item] }: HelixOne<HelixResolveUnbanRequest>) => ({
    unban_request_id: item.id,
    status: item.status,
    user_id: item.user_id,
  }),
  example: {
    input: { unban_request_id: '5a6d0000-0000-4000-8000-000000000611', status: 'approved' },
    output: {
      unban_request_id: '5a6d0000-0000-4000-8000-000000000611',
      status: 'approved',
      user_id: '2007',
    },
  },
});
