import type { CallbackFormat } from '../config/settings.js';

/** A text to post, and the number of tries, this one included. */
export interface SignedText {
  /** The same for every repeat, so that the receiver can recognise repeats. */
  readonly id: string;
  readonly sentAt: Date;
  readonly body: string;
  /** application/json if left out. */
  readonly contentType?: string;
  readonly tries: number;
}

/** What a callback tells. */
export interface CallbackEvent {
  /** The same for every repeat. */
  readonly id: string;
  readonly type: 'action.finished' | 'test';
  /** The id of the action; undefined for an event of none. */
  readonly subject?: string;
  readonly sentAt: Date;
  readonly data: object;
}

/**
 * An event as the text of a callback.
 * @param source the address of the gateway; with the id it names an event of CloudEvents
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 * @see https://github.com/cloudevents/spec/blob/main/cloudevents/formats/json-format.md
 */
export function writeEvent(
  { id, type, subject, sentAt, data }: CallbackEvent,
  format: CallbackFormat,
  source: string,
): Omit<SignedText, 'tries'> {
  const time = sentAt.toISOString();
  if (format === 'plain')
    return { id, sentAt, body: JSON.stringify({ type, timestamp: time, data }) };
  const event = {
    specversion: '1.0',
    id,
    source,
    type,
    ...(subject !== undefined && { subject }),
    time,
    datacontenttype: 'application/json',
    data,
  };
  return {
    id,
    sentAt,
    body: JSON.stringify(event),
    contentType: 'application/cloudevents+json; charset=utf-8',
  };
}
