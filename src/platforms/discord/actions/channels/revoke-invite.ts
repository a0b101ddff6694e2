import { Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, requireSame } from '../../discord-action.js';

class RevokeInvite {
  @Text('Its code, the last part of its address', {
    max: 64,
    pattern: /^[\w-]+$/,
    patternMeans: 'a code of letters, digits, "-" and "_"',
    example: 'oldinvite',
  })
  code!: string;

  @Reason()
  reason?: string;
}

class RevokeInviteResult {
  @Text('Its code')
  code!: string;
}

interface RevokeInviteAnswer {
  readonly code: string;
}

/** @see https://discord.com/developers/docs/resources/invite#delete-invite */
export const revokeInvite = discordAction({
  type: 'revoke_invite',
  group: 'channels',
  summary: 'Revoke an invite',
  docs: 'https://discord.com/developers/docs/resources/invite#delete-invite',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10006',
  scopes: [],
  permissions: ['MANAGE_CHANNELS', 'MANAGE_GUILD'],
  actsAs: 'account',
  input: RevokeInvite,
  output: RevokeInviteResult,
  request: ({ code, reason }) => ({
    method: 'DELETE',
    path: buildPath(['invites', code]),
    headers: giveReason(reason),
  }),
  response: (answer: RevokeInviteAnswer, input) => ({ code: requireSame(answer.code, input.code) }),
  example: { input: { code: 'oldinvite' }, output: { code: 'oldinvite' } },
});
