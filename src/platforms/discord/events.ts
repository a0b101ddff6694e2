import { requireChange } from '../../actions/changes.js';
import type { FieldViolation } from '../../actions/failures.js';

import { leaveOut } from './discord-action.js';

interface EventParts {
  readonly entity_type?: number;
  readonly entity_metadata?: unknown;
  readonly scheduled_end_time?: string;
  readonly channel_id?: string;
}

const EXTERNAL = 3;

/**
 * What an event of each kind needs.
 * @see https://discord.com/developers/docs/resources/guild-scheduled-event#guild-scheduled-event-object-field-requirements-by-entity-type
 */
export function findEventFaults(event: EventParts): FieldViolation[] {
  const { entity_type, entity_metadata, scheduled_end_time, channel_id } = event;
  if (entity_type !== EXTERNAL)
    return [
      ...(channel_id === undefined
        ? [{ field: 'channel_id', message: 'is missing: an event in a channel needs it' }]
        : []),
      ...findMetadataFaults(event),
    ];
  return [
    ...(entity_metadata === undefined
      ? [{ field: 'entity_metadata', message: 'is missing: give {"location": "…"}' }]
      : []),
    ...(scheduled_end_time === undefined
      ? [{ field: 'scheduled_end_time', message: 'is missing: an event elsewhere needs it' }]
      : []),
    ...(channel_id === undefined
      ? []
      : [{ field: 'channel_id', message: 'must be left out: the event is elsewhere' }]),
  ];
}

/** Faults of a change. */
export function findEventChangeFaults(event: EventParts): FieldViolation[] {
  const changes = leaveOut(event as Record<string, unknown>, ['guild_id', 'event_id', 'reason']);
  return [...requireChange(changes), ...findMetadataFaults(event)];
}

function findMetadataFaults({ entity_type, entity_metadata }: EventParts): FieldViolation[] {
  return entity_metadata !== undefined && entity_type !== EXTERNAL
    ? [{ field: 'entity_metadata', message: 'goes with entity_type external alone' }]
    : [];
}
