import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';

class ConsumeEntitlement {
  @Snowflake('Id of the entitlement', { example: '1300000000000000196' })
  entitlement_id!: string;
}

class ConsumeEntitlementDone {
  @Flag('The entitlement is consumed')
  entitlement_consumed!: boolean;
}

/** @see https://discord.com/developers/docs/resources/entitlement#consume-entitlement */
export const consumeEntitlement = discordAction({
  type: 'consume_entitlement',
  group: 'application',
  summary: 'Mark a one-time purchase as consumed',
  docs: 'https://discord.com/developers/docs/resources/entitlement#consume-entitlement',
  effect: 'update',
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ConsumeEntitlement,
  output: ConsumeEntitlementDone,
  run: async (input, _context, upstream) => {
    const { entitlement_id } = input;
    const application = await findApplication(upstream);
    await upstream.send({
      yes: 'no body' as const,
      method: 'POST',
      path: buildPath(['applications', application, 'entitlements', entitlement_id, 'consume']),
    });
    return { entitlement_consumed: true };
  },
  example: {
    input: { entitlement_id: '1300000000000000196' },
    output: { entitlement_consumed: true },
  },
});
