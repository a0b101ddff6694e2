import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';

class DeleteEntitlement {
  @Snowflake('Id of the entitlement', { example: '1300000000000000195' })
  entitlement_id!: string;
}

class DeleteEntitlementDone {
  @Flag('The entitlement is gone')
  entitlement_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/entitlement#delete-entitlement */
export const deleteEntitlement = discordAction({
  type: 'delete_entitlement',
  group: 'application',
  summary: 'Take a test entitlement away',
  docs: 'https://discord.com/developers/docs/resources/entitlement#delete-entitlement',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10029',
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: DeleteEntitlement,
  output: DeleteEntitlementDone,
  run: async (input, _context, upstream) => {
    const { entitlement_id } = input;
    const application = await findApplication(upstream);
    await upstream.send({
      yes: 'no body' as const,
      method: 'DELETE',
      path: buildPath(['applications', application, 'entitlements', entitlement_id]),
    });
    return { entitlement_deleted: true };
  },
  example: {
    input: { entitlement_id: '1300000000000000195' },
    output: { entitlement_deleted: true },
  },
});
