import { writeTime } from '../../../sandbox/exchange.js';
import type { EventSubscription } from './channel-state.js';
import { type BodyFields, type HelixCall, HelixRefusal, type HelixRoutes } from './helix-call.js';
import { answerList, answerOne, NO_CONTENT } from './helix-routes.js';

const MOST_SHARDS = 20_000;

/** Subscriptions to events, and conduits. @see https://dev.twitch.tv/docs/eventsub/ */
export const EVENT_ROUTES: HelixRoutes = {
  'GET /eventsub/subscriptions': {
    app: true,
    handle: (call) => {
      const { subscriptions } = call.world.application;
      const status = call.readQuery('status');
      const type = call.readQuery('type');
      const found = subscriptions.list(
        (each) =>
          (status === undefined || each.status === status) &&
          (type === undefined || each.type === type),
      );
      return {
        value: {
          ...call.paginate(found.map(showSubscription), 100),
          total: found.length,
          total_cost: 0,
          max_total_cost: 10_000,
        },
      };
    },
  },
  'POST /eventsub/subscriptions': { app: true, handle: subscribe },
  'DELETE /eventsub/subscriptions': {
    app: true,
    handle: (call) => {
      if (!call.world.application.subscriptions.remove(call.requireQuery('id')))
        throw new HelixRefusal(404, 'The subscription was not found.');
      return NO_CONTENT;
    },
  },
  'GET /eventsub/conduits': {
    app: true,
    handle: (call) => {
      requireApp(call);
      return answerList(
        call.world.application.conduits.list().map(({ id, count }) => ({ id, shard_count: count })),
      );
    },
  },
  'POST /eventsub/conduits': {
    app: true,
    handle: (call) => {
      requireApp(call);
      const count = call.body.requireInteger('shard_count', { min: 1, max: MOST_SHARDS });
      const { conduits } = call.world.application;
      if (conduits.size >= 5) throw new HelixRefusal(429, 'The conduit limit was reached.');
      const { id } = conduits.add({ count, shards: new Map() });
      return answerOne({ id, shard_count: count });
    },
  },
  'PATCH /eventsub/conduits': {
    app: true,
    handle: (call) => {
      requireApp(call);
      const conduit = requireConduit(call, call.body.requireText('id'));
      conduit.count = call.body.requireInteger('shard_count', { min: 1, max: MOST_SHARDS });
      return answerOne({ id: conduit.id, shard_count: conduit.count });
    },
  },
  'DELETE /eventsub/conduits': {
    app: true,
    handle: (call) => {
      requireApp(call);
      const { id } = requireConduit(call, call.requireQuery('id'));
      call.world.application.conduits.remove(id);
      return NO_CONTENT;
    },
  },
  'GET /eventsub/conduits/shards': {
    app: true,
    handle: (call) => {
      requireApp(call);
      const conduit = requireConduit(call, call.requireQuery('conduit_id'));
      return { value: call.paginate([...conduit.shards.values()], 100) };
    },
  },
  'PATCH /eventsub/conduits/shards': {
    app: true,
    handle: (call) => {
      requireApp(call);
      const conduit = requireConduit(call, call.body.requireText('conduit_id'));
      const errors: object[] = [];
      const data = call.body.requireObjects('shards', { min: 1, max: 100 }).flatMap((shard) => {
        const id = shard.requireText('id');
        const transport = readTransport(shard.requireObject('transport'));
        if (Number(id) >= conduit.count) {
          const message = 'The shard id is outside the conduit’s range';
          errors.push({ id, message, code: 'invalid_parameter' });
          return [];
        }
        const shown = { id, status: 'webhook_callback_verification_pending', transport };
        conduit.shards.set(id, shown);
        return [shown];
      });
      return { status: 202, value: { data, errors } };
    },
  },
};

/** Conduits belong to the application: a token of a user is refused. */
function requireApp(call: HelixCall): void {
  if (call.userId !== undefined)
    throw new HelixRefusal(401, 'An app access token is required for this request.');
}

function requireConduit(call: HelixCall, id: string) {
  const conduit = call.world.application.conduits.get(id);
  if (!conduit) throw new HelixRefusal(404, 'The conduit was not found.');
  return conduit;
}

/** @see https://dev.twitch.tv/docs/api/reference/#create-eventsub-subscription */
function subscribe(call: HelixCall) {
  const { body, world } = call;
  const type = body.requireText('type');
  const version = body.requireText('version');
  body.requireObject('condition');
  const condition = body.readValue('condition') as Record<string, unknown>;
  const transport = readTransport(body.requireObject('transport'));
  const isWebSocket = transport['method'] === 'websocket';
  if (isWebSocket !== (call.userId !== undefined))
    throw new HelixRefusal(400, 'invalid transport and auth combination');
  if (transport['method'] === 'conduit')
    requireConduit(call, String(transport['conduit_id'] ?? ''));
  const { subscriptions } = world.application;
  const same = subscriptions.list(
    (each) => each.type === type && JSON.stringify(each.condition) === JSON.stringify(condition),
  );
  if (same.length > 0) throw new HelixRefusal(409, 'subscription already exists');
  const status =
    transport['method'] === 'webhook' ? 'webhook_callback_verification_pending' : 'enabled';
  const added = subscriptions.add({
    type,
    version,
    condition,
    transport,
    status,
    created: world.now(),
  });
  const value = {
    data: [showSubscription(added)],
    total: subscriptions.size,
    total_cost: 0,
    max_total_cost: 10_000,
  };
  return { status: 202, value };
}

/** The transport without its secret, as answers show it. */
function readTransport(body: BodyFields): Record<string, unknown> {
  const method = body.requireText('method');
  if (method === 'webhook') {
    const callback = body.requireText('callback');
    if (!callback.startsWith('https://'))
      throw new HelixRefusal(400, 'The callback must use HTTPS on port 443.');
    const secret = body.requireText('secret', { max: 100 });
    if (secret.length < 10) throw new HelixRefusal(400, 'The secret is too short.');
    return { method, callback };
  }
  if (method === 'websocket') return { method, session_id: body.requireText('session_id') };
  if (method === 'conduit') return { method, conduit_id: body.requireText('conduit_id') };
  throw new HelixRefusal(400, 'The method of the transport is not valid.');
}

function showSubscription({ created, ...subscription }: EventSubscription) {
  return { ...subscription, created_at: writeTime(created), cost: 0 };
}
