import { Flag } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { list, object, oneOf, Shape, text } from '../../../../actions/shapes.js';
import { buildPath, discordAction, findApplication, requireSame } from '../../discord-action.js';
import { localized } from '../../shapes/values.js';

type SetRoleConnectionsAnswer = readonly unknown[];

class SetRoleConnections {
  @Shape(
    'The records, which replace all that were there',
    list(
      object({
        type: oneOf(1, 2, 3, 4, 5, 6, 7, 8),
        key: text(1, 50, '^[a-z0-9_]+$'),
        name: text(1, 100),
        '?name_localizations': localized(1, 100),
        description: text(1, 200),
        '?description_localizations': localized(1, 200),
      }),
      0,
      5,
    ),
  )
  records!: JsonObject[];
}

class SetRoleConnectionsDone {
  @Flag('The records are set')
  metadata_set!: boolean;
}

/** @see https://discord.com/developers/docs/resources/application-role-connection-metadata#modify-application-role-connections-metadata */
export const setRoleConnections = discordAction({
  type: 'set_role_connections',
  group: 'application',
  summary: 'Set what linked roles may ask for',
  docs: 'https://discord.com/developers/docs/resources/application-role-connection-metadata#modify-application-role-connections-metadata',
  effect: 'update',
  repeatable: true,
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: SetRoleConnections,
  output: SetRoleConnectionsDone,
  run: async (input, _context, upstream) => {
    const { records } = input;
    const application = await findApplication(upstream);
    const answer = await upstream.send<SetRoleConnectionsAnswer>({
      yes: 'list' as const,
      method: 'PUT',
      path: buildPath(['applications', application, 'role-connections', 'metadata']),
      list: records,
    });
    return { metadata_set: requireSame(String(answer.length), String(records.length)) !== '' };
  },
  example: {
    input: {
      records: [{ type: 1, key: 'level', name: 'Level', description: 'At least this level' }],
    },
    output: { metadata_set: true },
  },
});
