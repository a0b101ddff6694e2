import { Controller } from '@nestjs/common';
import { refuse } from '../../actions/door-refusal.js';
import { setMember } from '../../actions/json.js';
import { Catalogue } from '../../execution/catalogue.js';
import { Executor } from '../../execution/executor.js';
import { describeReads } from '../contracts/action-operations.js';
import { type RouteRequest, Route } from '../door/route.js';
import { TEXT } from '../door/schema.js';
import { refuseIfUnavailable } from '../batch.js';
import { sendOutcome } from './outcome-reply.js';

/** Members of the envelope; every other name of the query is a parameter of the action. */
const OF_ENVELOPE = {
  account_id: "Whose channel, server or bot; left out for the platform's default account",
  actor_id: 'Who asks, where that is another account',
  credential_ref: 'Credentials held by an outside service, instead of account_id',
  request_id: 'Correlation only: comes back in the answer',
  priority: 'HIGH, NORMAL or LOW',
  dry_run: 'Show what would be asked, and ask nothing',
};

/** The REST door for reads: an address in place of an envelope. */
@Controller()
export class ReadsController {
  constructor(
    private readonly executor: Executor,
    private readonly catalogue: Catalogue,
  ) {}

  @Route({
    method: 'GET',
    path: '/api/v1/read/:platform/:action_type',
    tag: 'Actions',
    summary: 'Carry out an action that only reads',
    description:
      'The same as `POST /api/v1/actions/execute` with these names as `parameters`; lists are repeated names, or one text with commas. Refuses actions that write.',
    needs: 'caller',
    security: [{ callerToken: ['execute_actions'] }],
    weight: 0,
    takesDeadline: true,
    rawQuery: {
      ...Object.fromEntries(
        Object.entries(OF_ENVELOPE).map(([name, description]) => [
          name,
          { description, schema: TEXT },
        ]),
      ),
      parameters: {
        description: 'The parameters of the action, each by its own name',
        style: 'form',
        explode: true,
        schema: { type: 'object' },
      },
    },
    answers: {},
    catalogued: describeReads,
  })
  async read({ call, params, query, reply }: RouteRequest): Promise<void> {
    const { platform = '', action_type = '' } = params;
    const found = this.catalogue.findAction(platform, action_type);
    if (found && found.effect !== 'read')
      throw refuse.malformed(
        `${platform}.${action_type} writes: send it to POST /api/v1/actions/execute`,
      );
    const outcome = await this.executor.execute(toEnvelope(platform, action_type, query), call);
    refuseIfUnavailable([outcome]);
    return sendOutcome(reply, outcome);
  }
}

function toEnvelope(
  platform: string,
  action_type: string,
  query: Readonly<Record<string, unknown>>,
): object {
  const envelope: Record<string, unknown> = { platform, action_type };
  const parameters: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(query))
    setMember(Object.hasOwn(OF_ENVELOPE, name) ? envelope : parameters, name, value);
  return { ...envelope, parameters };
}
