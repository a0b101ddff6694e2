import { Injectable } from '@nestjs/common';
import type { HeldCredential } from '../accounts/held-credential.js';
import { Limits } from '../safeguards/limits.js';
import type { Admitted } from './admission.js';
import { rehearse } from './rehearsal.js';
import type { Success } from './run.js';

/** Answers dry runs: the exact request, its reads, missing scopes, cost and predicted wait. */
@Injectable()
export class Preparation {
  constructor(private readonly limits: Limits) {}

  async prepare(
    { envelope, found: { platform, action }, input, context }: Admitted,
    credential: HeldCredential,
    missingScopes: readonly string[],
  ): Promise<Success> {
    const { reads, write, requests, cost } = await rehearse(platform, action, input, context);
    const limits = requests.flatMap((request, index) =>
      platform.limitRequest(request, credential, index === 0 ? action.cost : 1, Date.now()),
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
        missing_scopes: missingScopes,
        cost,
        predicted_wait_ms: waitMs,
      },
    };
  }
}
