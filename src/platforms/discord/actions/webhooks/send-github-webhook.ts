import { Flag, Text, WebAddress } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { list, object, Shape, text, whole } from '../../../../actions/shapes.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { ADDRESS } from '../../shapes/values.js';

class SendGithubWebhook {
  @Snowflake('Id of the webhook', { example: '1300000000000000181' })
  webhook_id!: string;

  @Text('Its secret', {
    max: 128,
    private: true,
    pattern: /^[\w-]+$/,
    patternMeans: 'the token of a webhook: letters, digits, "-" and "_"',
  })
  webhook_token!: string;

  @Text('Action', { optional: true, min: 0, max: 2000 })
  action?: string;

  @Text('Ref', { optional: true, min: 0, max: 2000 })
  ref?: string;

  @Text('Ref type', { optional: true, min: 0, max: 2000 })
  ref_type?: string;

  @Shape(
    'Comment',
    object({
      id: whole(-2147483648, 2147483647),
      html_url: text(1, 2048, ADDRESS),
      user: object({
        id: whole(-2147483648, 2147483647),
        login: text(0, 152133),
        html_url: text(1, 2048, ADDRESS),
        avatar_url: text(1, 2048, ADDRESS),
      }),
      '?commit_id': text(0, 152133),
      body: text(0, 152133),
    }),
    { optional: true },
  )
  comment?: JsonObject;

  @Shape(
    'Issue',
    object({
      id: whole(-2147483648, 2147483647),
      number: whole(-2147483648, 2147483647),
      html_url: text(1, 2048, ADDRESS),
      user: object({
        id: whole(-2147483648, 2147483647),
        login: text(0, 152133),
        html_url: text(1, 2048, ADDRESS),
        avatar_url: text(1, 2048, ADDRESS),
      }),
      title: text(0, 152133),
      '?body': text(0, 152133),
    }),
    { optional: true },
  )
  issue?: JsonObject;

  @Shape(
    'Pull request',
    object({
      id: whole(-2147483648, 2147483647),
      number: whole(-2147483648, 2147483647),
      html_url: text(1, 2048, ADDRESS),
      user: object({
        id: whole(-2147483648, 2147483647),
        login: text(0, 152133),
        html_url: text(1, 2048, ADDRESS),
        avatar_url: text(1, 2048, ADDRESS),
      }),
      title: text(0, 152133),
      '?body': text(0, 152133),
    }),
    { optional: true },
  )
  pull_request?: JsonObject;

  @Shape(
    'Repository',
    object({
      id: whole(-2147483648, 2147483647),
      html_url: text(1, 2048, ADDRESS),
      name: text(0, 152133),
      full_name: text(0, 152133),
    }),
    { optional: true },
  )
  repository?: JsonObject;

  @Shape(
    'Forkee',
    object({
      id: whole(-2147483648, 2147483647),
      html_url: text(1, 2048, ADDRESS),
      name: text(0, 152133),
      full_name: text(0, 152133),
    }),
    { optional: true },
  )
  forkee?: JsonObject;

  @Shape(
    'Sender',
    object({
      id: whole(-2147483648, 2147483647),
      login: text(0, 152133),
      html_url: text(1, 2048, ADDRESS),
      avatar_url: text(1, 2048, ADDRESS),
    }),
  )
  sender!: JsonObject;

  @Shape(
    'Member',
    object({
      id: whole(-2147483648, 2147483647),
      login: text(0, 152133),
      html_url: text(1, 2048, ADDRESS),
      avatar_url: text(1, 2048, ADDRESS),
    }),
    { optional: true },
  )
  member?: JsonObject;

  @Shape(
    'Release',
    object({
      id: whole(-2147483648, 2147483647),
      tag_name: text(0, 152133),
      html_url: text(1, 2048, ADDRESS),
      author: object({
        id: whole(-2147483648, 2147483647),
        login: text(0, 152133),
        html_url: text(1, 2048, ADDRESS),
        avatar_url: text(1, 2048, ADDRESS),
      }),
    }),
    { optional: true },
  )
  release?: JsonObject;

  @Shape(
    'Head commit',
    object({
      id: text(0, 152133),
      url: text(1, 2048, ADDRESS),
      message: text(0, 152133),
      author: object({ '?username': text(0, 152133), name: text(0, 152133) }),
    }),
    { optional: true },
  )
  head_commit?: JsonObject;

  @Shape(
    'Commits',
    list(
      object({
        id: text(0, 152133),
        url: text(1, 2048, ADDRESS),
        message: text(0, 152133),
        author: object({ '?username': text(0, 152133), name: text(0, 152133) }),
      }),
      0,
      1521,
    ),
    { optional: true },
  )
  commits?: JsonObject[];

  @Flag('Forced', { optional: true })
  forced?: boolean;

  @WebAddress('Compare', { optional: true, max: 2048 })
  compare?: string;

  @Shape(
    'Review',
    object({
      user: object({
        id: whole(-2147483648, 2147483647),
        login: text(0, 152133),
        html_url: text(1, 2048, ADDRESS),
        avatar_url: text(1, 2048, ADDRESS),
      }),
      '?body': text(0, 152133),
      html_url: text(1, 2048, ADDRESS),
      state: text(0, 152133),
    }),
    { optional: true },
  )
  review?: JsonObject;

  @Shape(
    'Check run',
    object({
      '?conclusion': text(0, 152133),
      name: text(0, 152133),
      html_url: text(1, 2048, ADDRESS),
      check_suite: object({
        '?conclusion': text(0, 152133),
        '?head_branch': text(0, 152133),
        head_sha: text(0, 152133),
        '?pull_requests': list(object({ number: whole(-2147483648, 2147483647) }), 0, 1521),
        app: object({ name: text(0, 152133) }),
      }),
      '?details_url': text(1, 2048, ADDRESS),
      '?output': object({ '?title': text(0, 152133), '?summary': text(0, 152133) }),
      '?pull_requests': list(object({ number: whole(-2147483648, 2147483647) }), 0, 1521),
    }),
    { optional: true },
  )
  check_run?: JsonObject;

  @Shape(
    'Check suite',
    object({
      '?conclusion': text(0, 152133),
      '?head_branch': text(0, 152133),
      head_sha: text(0, 152133),
      '?pull_requests': list(object({ number: whole(-2147483648, 2147483647) }), 0, 1521),
      app: object({ name: text(0, 152133) }),
    }),
    { optional: true },
  )
  check_suite?: JsonObject;

  @Shape(
    'Discussion',
    object({
      title: text(0, 152133),
      number: whole(-2147483648, 2147483647),
      html_url: text(1, 2048, ADDRESS),
      '?answer_html_url': text(1, 2048, ADDRESS),
      '?body': text(0, 152133),
      user: object({
        id: whole(-2147483648, 2147483647),
        login: text(0, 152133),
        html_url: text(1, 2048, ADDRESS),
        avatar_url: text(1, 2048, ADDRESS),
      }),
    }),
    { optional: true },
  )
  discussion?: JsonObject;

  @Shape(
    'Answer',
    object({
      id: whole(-2147483648, 2147483647),
      html_url: text(1, 2048, ADDRESS),
      user: object({
        id: whole(-2147483648, 2147483647),
        login: text(0, 152133),
        html_url: text(1, 2048, ADDRESS),
        avatar_url: text(1, 2048, ADDRESS),
      }),
      '?commit_id': text(0, 152133),
      body: text(0, 152133),
    }),
    { optional: true },
  )
  answer?: JsonObject;
}

class SendGithubWebhookDone {
  @Flag('Discord took the event')
  event_sent!: boolean;
}

/** @see https://discord.com/developers/docs/resources/webhook#execute-githubcompatible-webhook */
export const sendGithubWebhook = discordAction({
  type: 'send_github_webhook',
  group: 'webhooks',
  summary: 'Send an event of GitHub by a webhook',
  docs: 'https://discord.com/developers/docs/resources/webhook#execute-githubcompatible-webhook',
  effect: 'create',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: SendGithubWebhook,
  output: SendGithubWebhookDone,
  request: ({ webhook_id, webhook_token, ...body }) => ({
    method: 'POST',
    path: buildPath(['webhooks', webhook_id, webhook_token, 'github']),
    body: { ...body },
    withoutCredentials: true,
    secrets: [webhook_token],
  }),
  yes: 'no body',
  response: () => ({ event_sent: true }),
  example: {
    input: {
      webhook_id: '1300000000000000181',
      webhook_token: 'secret-of-webhook-181',
      sender: {
        id: 1,
        login: 'octocat',
        html_url: 'https://github.com/octocat',
        avatar_url: 'https://github.com/octocat.png',
      },
    },
    output: { event_sent: true },
  },
});
