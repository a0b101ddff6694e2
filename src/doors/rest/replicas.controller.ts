import { Controller } from '@nestjs/common';
import { requireWholeGateway } from '../../callers/permissions.js';
import { type ReplicaReport, Replicas } from '../../cluster/replicas.js';
import { json, Route, type RouteRequest } from '../door/route.js';
import { defineObject, describeList, TEXT, TIME, UUID_TEXT, YES_NO } from '../door/schema.js';

interface ReplicaList {
  readonly replicas: readonly ReplicaReport[];
}

const REPLICA = defineObject<ReplicaReport>('Replica', {
  id: UUID_TEXT,
  host: TEXT,
  version: { ...TEXT, description: 'Empty for a release that does not say' },
  started_at: { ...TIME, description: 'Since when it has its lease' },
  seen_at: { ...TIME, description: 'When it last showed that it lives' },
  is_this: { ...YES_NO, description: 'Whether it is the one that answers' },
});

/** The replicas of the gateway. */
@Controller()
export class ReplicasController {
  constructor(private readonly replicas: Replicas) {}

  @Route({
    method: 'GET',
    path: '/api/v1/replicas',
    tag: 'Operation',
    summary: 'List the replicas that live',
    needs: 'caller',
    answers: {
      200: json('Those with a lease', describeList<ReplicaList>('replicas', REPLICA)),
    },
  })
  async listReplicas({ caller }: RouteRequest): Promise<ReplicaList> {
    requireWholeGateway(caller);
    return { replicas: await this.replicas.list() };
  }
}
