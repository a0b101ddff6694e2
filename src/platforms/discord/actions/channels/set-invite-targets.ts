import { Flag, List, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction } from '../../discord-action.js';
import { IDS } from '../../mentions.js';

class SetInviteTargets {
  @Text('Its code, the last part of its address', {
    max: 64,
    pattern: /^[\w-]+$/,
    patternMeans: 'a code of letters, digits, "-" and "_"',
    example: 'otherinvite',
  })
  code!: string;

  @List('Ids of the users who may use it', {
    ...IDS,
    minItems: 1,
    maxItems: 1_000,
    example: ['200000000000000001'],
  })
  user_ids!: string[];
}

class InviteTargetsSet {
  @Flag('Discord took the list, and works through it')
  targets_set!: boolean;
}

/** The file is a list with one id a line. @see https://discord.com/developers/docs/resources/invite#update-target-users */
export const setInviteTargets = discordAction({
  type: 'set_invite_targets',
  group: 'channels',
  summary: 'Set who may use an invite',
  docs: 'https://discord.com/developers/docs/resources/invite#update-target-users',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: SetInviteTargets,
  output: InviteTargetsSet,
  request: ({ code, user_ids }) => ({
    method: 'PUT',
    path: `${buildPath(['invites', code])}/target-users`,
    body: {},
    form: {
      parts: true,
      bodyPart: '',
      files: [
        {
          part: 'target_users_file',
          name: 'users.csv',
          type: 'text/csv',
          bytes: Buffer.from(`user_id\n${user_ids.join('\n')}\n`),
        },
      ],
    },
  }),
  yes: 'no body',
  response: () => ({ targets_set: true }),
  example: {
    input: { code: 'otherinvite', user_ids: ['200000000000000001'] },
    output: { targets_set: true },
  },
});
