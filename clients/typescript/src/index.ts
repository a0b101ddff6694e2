export { ActionGateway } from './action-gateway.js';
export type { Batch } from './batch.js';
export type { ActionChange, WatchEvent, WatchOptions } from './changes.js';
export type { ConnectionOptions, RequestBounds } from './connection.js';
export { ActionError, GatewayError, resultOf } from './errors.js';
export { FAILURES, type FailureCode } from './generated/failures.js';
export { discord, twitch, youtube } from './generated/platforms.js';
export type * from './outcome.js';
export type { ActionRequest, AccountTarget, ActorTarget, CallOptions } from './platform-actions.js';
