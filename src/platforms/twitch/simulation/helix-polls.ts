import { randomUUID } from 'node:crypto';

import { type HelixCall, HelixRefusal, type HelixResult, type HelixRoutes } from './helix-call.js';
import { writeTime } from '../../../sandbox/exchange.js';
import { keepNewest, type Poll, type Prediction, type TwitchChannel } from './world.js';

const POLLS = 'channel:manage:polls';
const PREDICTIONS = 'channel:manage:predictions';

/** Asking the viewers: polls and predictions. */
export const POLL_ROUTES: HelixRoutes = {
  'GET /polls': { scopes: ['channel:read:polls', POLLS], handle: getPolls },
  'POST /polls': { scopes: [POLLS], handle: createPoll },
  'PATCH /polls': { scopes: [POLLS], handle: endPoll },
  'GET /predictions': { scopes: ['channel:read:predictions', PREDICTIONS], handle: getPredictions },
  'POST /predictions': { scopes: [PREDICTIONS], handle: createPrediction },
  'PATCH /predictions': { scopes: [PREDICTIONS], handle: endPrediction },
};

/** The channel named in the body, which must be the token's own. */
function requireBodyChannel(call: HelixCall): TwitchChannel {
  const broadcaster = call.body.requireText('broadcaster_id');
  call.requireSelf('broadcaster_id', broadcaster);
  return call.world.channel(broadcaster);
}

/**
 * Body `{broadcaster_id, title, choices: [{title}], duration, channel_points_voting_enabled?,
 * channel_points_per_vote?}`; answers `{data: [poll]}`.
 * @see https://dev.twitch.tv/docs/api/reference/#create-poll
 */
function createPoll(call: HelixCall): HelixResult {
  const { body, world } = call;
  const channel = requireBodyChannel(call);
  const title = body.requireText('title', { max: 60 });
  const choices = body
    .requireObjects('choices', { min: 2, max: 5 })
    .map((choice) => choice.requireText('title', { max: 25 }));
  const duration = body.requireInteger('duration', { min: 15, max: 1_800 });
  const points = body.readFlag('channel_points_voting_enabled') ?? false;
  // Zero is what an answer shows for a poll without channel points, so it is let pass for those.
  const perVote = body.readInteger('channel_points_per_vote', {
    min: points ? 1 : 0,
    max: 1_000_000,
  });
  if (world.runningPoll(channel))
    throw new HelixRefusal(400, 'The broadcaster already has a poll that is running.');
  const poll: Poll = {
    id: randomUUID(),
    title,
    choices: choices.map((choice) => ({ id: randomUUID(), title: choice })),
    duration,
    channel_points_voting_enabled: points,
    channel_points_per_vote: points ? (perVote ?? 1) : 0,
    started: world.now(),
    status: 'ACTIVE',
    ended: null,
  };
  keepNewest(channel.polls, poll);
  return { value: { data: [showPoll(call, channel, poll)] } };
}

/**
 * Body `{broadcaster_id, id, status: TERMINATED|ARCHIVED}`; answers `{data: [poll]}`.
 * @see https://dev.twitch.tv/docs/api/reference/#end-poll
 */
function endPoll(call: HelixCall): HelixResult {
  const { body, world } = call;
  const channel = requireBodyChannel(call);
  const id = body.requireText('id');
  const status = body.requireText('status');
  if (status !== 'TERMINATED' && status !== 'ARCHIVED')
    throw new HelixRefusal(400, 'The value in the status field is not valid.');
  const poll = world.runningPoll(channel);
  // No 404 is published for this call: an unknown poll is one that is not active.
  if (poll?.id !== id || !poll)
    throw new HelixRefusal(400, 'The poll must be active to terminate or archive it.');
  poll.status = status;
  poll.ended = world.now();
  return { value: { data: [showPoll(call, channel, poll)] } };
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-polls */
function getPolls(call: HelixCall): HelixResult {
  const broadcaster = call.requireId('broadcaster_id');
  call.requireSelf('broadcaster_id', broadcaster);
  const channel = call.world.channel(broadcaster);
  call.world.runningPoll(channel);
  const polls = filterIds(call, channel.polls, 'None of the IDs were found.');
  const shown = polls.map((poll) => showPoll(call, channel, poll));
  return { value: call.paginate(shown, 20) };
}

/**
 * Body `{broadcaster_id, title, outcomes: [{title}], prediction_window}`; answers `{data: [prediction]}`.
 * @see https://dev.twitch.tv/docs/api/reference/#create-prediction
 */
function createPrediction(call: HelixCall): HelixResult {
  const { body, world } = call;
  const channel = requireBodyChannel(call);
  const title = body.requireText('title', { max: 45 });
  const outcomes = body
    .requireObjects('outcomes', { min: 2, max: 10 })
    .map((outcome) => outcome.requireText('title', { max: 25 }));
  const seconds = body.requireInteger('prediction_window', { min: 30, max: 1_800 });
  if (world.runningPrediction(channel))
    throw new HelixRefusal(400, 'The broadcaster already has a prediction that is running.');
  const prediction: Prediction = {
    id: randomUUID(),
    title,
    outcomes: outcomes.map((outcome) => ({ id: randomUUID(), title: outcome })),
    prediction_window: seconds,
    created: world.now(),
    status: 'ACTIVE',
    winning_outcome_id: null,
    locked: null,
    ended: null,
  };
  keepNewest(channel.predictions, prediction);
  return { value: { data: [showPrediction(call, channel, prediction)] } };
}

/**
 * Body `{broadcaster_id, id, status: RESOLVED|CANCELED|LOCKED, winning_outcome_id?}`; answers
 * `{data: [prediction]}`.
 * @see https://dev.twitch.tv/docs/api/reference/#end-prediction
 */
function endPrediction(call: HelixCall): HelixResult {
  const { body, world } = call;
  const channel = requireBodyChannel(call);
  const id = body.requireText('id');
  const status = body.requireText('status');
  if (status !== 'RESOLVED' && status !== 'CANCELED' && status !== 'LOCKED')
    throw new HelixRefusal(400, 'The value in the status field is not valid.');
  const winner = body.readText('winning_outcome_id');
  if (status === 'RESOLVED' && winner === undefined)
    throw new HelixRefusal(400, 'The winning_outcome_id field is required to resolve.');
  world.runningPrediction(channel);
  const prediction = channel.predictions.find((candidate) => candidate.id === id);
  if (!prediction) throw new HelixRefusal(404, 'The prediction in the id field was not found.');
  const isOpen = prediction.status === 'ACTIVE' || prediction.status === 'LOCKED';
  if (status === 'LOCKED' ? prediction.status !== 'ACTIVE' : !isOpen)
    throw new HelixRefusal(400, `A prediction that is ${prediction.status} cannot be ${status}.`);
  if (status === 'RESOLVED') {
    if (!prediction.outcomes.some((outcome) => outcome.id === winner))
      throw new HelixRefusal(404, 'The outcome in the winning_outcome_id field was not found.');
    prediction.winning_outcome_id = winner ?? null;
  }
  prediction.status = status;
  prediction.locked ??= status === 'CANCELED' ? null : world.now();
  if (status !== 'LOCKED') prediction.ended = world.now();
  return { value: { data: [showPrediction(call, channel, prediction)] } };
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-predictions */
function getPredictions(call: HelixCall): HelixResult {
  const broadcaster = call.requireId('broadcaster_id');
  call.requireSelf('broadcaster_id', broadcaster);
  const channel = call.world.channel(broadcaster);
  call.world.runningPrediction(channel);
  const predictions = filterIds(call, channel.predictions);
  const shown = predictions.map((prediction) => showPrediction(call, channel, prediction));
  return { value: call.paginate(shown, 25) };
}

/** The newest first, only those of the query's ids if it has any; refuses an empty find if told to. */
function filterIds<T extends { readonly id: string }>(
  call: HelixCall,
  items: readonly T[],
  refusal?: string,
): T[] {
  const ids = call.request.query.getAll('id');
  const found = items.filter(({ id }) => ids.length === 0 || ids.includes(id)).toReversed();
  if (refusal !== undefined && ids.length > 0 && found.length === 0)
    throw new HelixRefusal(404, refusal);
  return found;
}

function showBroadcaster(call: HelixCall, channel: TwitchChannel) {
  const user = call.world.user(channel.broadcaster_id);
  return {
    broadcaster_id: user.id,
    broadcaster_name: user.display_name,
    broadcaster_login: user.login,
  };
}

function showPoll(call: HelixCall, channel: TwitchChannel, poll: Poll) {
  return {
    id: poll.id,
    ...showBroadcaster(call, channel),
    title: poll.title,
    choices: poll.choices.map(({ id, title }) => ({
      id,
      title,
      votes: 0,
      channel_points_votes: 0,
      bits_votes: 0,
    })),
    bits_voting_enabled: false,
    bits_per_vote: 0,
    channel_points_voting_enabled: poll.channel_points_voting_enabled,
    channel_points_per_vote: poll.channel_points_per_vote,
    status: poll.status,
    duration: poll.duration,
    started_at: writeTime(poll.started),
    ended_at: poll.ended === null ? null : writeTime(poll.ended),
  };
}

function showPrediction(call: HelixCall, channel: TwitchChannel, prediction: Prediction) {
  return {
    id: prediction.id,
    ...showBroadcaster(call, channel),
    title: prediction.title,
    winning_outcome_id: prediction.winning_outcome_id,
    outcomes: prediction.outcomes.map(({ id, title }, index) => ({
      id,
      title,
      users: 0,
      channel_points: 0,
      top_predictors: null,
      color: index === 1 && prediction.outcomes.length === 2 ? 'PINK' : 'BLUE',
    })),
    prediction_window: prediction.prediction_window,
    status: prediction.status,
    created_at: writeTime(prediction.created),
    ended_at: prediction.ended === null ? null : writeTime(prediction.ended),
    locked_at: prediction.locked === null ? null : writeTime(prediction.locked),
  };
}
