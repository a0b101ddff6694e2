import { Kind } from '../../../../actions/shapes.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';

class CreateEntitlement {
  @Snowflake('Id of the SKU', { example: '1300000000000000190' })
  sku_id!: string;

  @Snowflake('Id of the server or user that gets it', { example: '200000000000000001' })
  owner_id!: string;

  @Kind('Whether a server or a user gets it', { guild: 1, user: 2 }, { example: 2 })
  owner_type!: number;
}

class CreateEntitlementResult {
  @Snowflake('Id of the entitlement')
  entitlement_id!: string;
}

interface CreateEntitlementAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/entitlement#create-entitlement */
export const createEntitlement = discordAction({
  type: 'create_entitlement',
  group: 'application',
  summary: 'Give a test entitlement to a user or a server',
  docs: 'https://discord.com/developers/docs/resources/entitlement#create-entitlement',
  effect: 'create',
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: CreateEntitlement,
  output: CreateEntitlementResult,
  run: async (input, _context, upstream) => {
    const { ...body } = input;
    const application = await findApplication(upstream);
    const answer = await upstream.send<CreateEntitlementAnswer>({
      method: 'POST',
      path: buildPath(['applications', application, 'entitlements']),
      body: { ...body },
    });
    return { entitlement_id: answer.id };
  },
  example: {
    input: { sku_id: '1300000000000000190', owner_id: '200000000000000001', owner_type: 2 },
    output: { entitlement_id: '1300000000000000012' },
  },
});
