import { Injectable } from '@nestjs/common';
import type { HeldCredential } from '../accounts/held-credential.js';
import { Limits } from '../safeguards/limits.js';
import type { Admitted } from './admission.js';
import { rehearse } from './rehearsal.js';
import type { Success } from './run.js';

/** Answers dry runs: the exact requests, missing scopes, cost and predicted wait. */
@Injectable()
export class Preparation {
  constructor(private readonly limits: Limits) {}

  async prepare(
    { envelope, found: { platform, action }, input, context }: Admitted,
    credential: HeldCredential,
    missingScopes: readonly string[],
  ): Promise<Success> {
    const rehearsal = await rehearse(platform, action, input, context);
    const { reads, write, following, requests, cost } = rehearsal;
    const limits = requests.flatMap(({ request, cost: price }) =>
      platform.limitRequest(request, credential, price, Date.now()),
    );
    const waitMs = await this.limits.predictWait(
      [...limits, ...action.limits(context, input)],
      envelope.priority,
    );
    return {
      status: 'PREPARED',
      result: {},
      prepared: {
        ...write,
        reads,
        following,
        missing_scopes: missingScopes,
        cost,
        predicted_wait_ms: waitMs,
      },
    };
  }
}
