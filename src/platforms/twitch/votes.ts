import { Id, Integer, Text } from '../../actions/fields.js';
import { isObject } from '../../actions/json.js';

/** One answer of a poll, as Twitch counts it. */
export class PollChoice {
  @Id('Id of the answer')
  id!: string;

  @Text('What it says')
  title!: string;

  @Integer('Votes of all kinds', { optional: true })
  votes?: number;
}

/** One outcome of a prediction, as Twitch counts it. */
export class PredictionOutcome {
  @Id('Id of the outcome')
  id!: string;

  @Text('What it says')
  title!: string;

  @Integer('Viewers who predicted it', { optional: true })
  users?: number;

  @Integer('Channel points that were put on it', { optional: true })
  channel_points?: number;
}

/**
 * The question and the answers of a poll or prediction in an answer of Twitch. A part that the answer does
 * not have in its documented form is left out: what was asked for has happened nevertheless.
 * @see https://dev.twitch.tv/docs/api/reference/#create-poll
 * @see https://dev.twitch.tv/docs/api/reference/#create-prediction
 */
export function readVote<Name extends 'choices' | 'outcomes'>(
  vote: unknown,
  name: Name,
): { title?: string } & Partial<Record<Name, VoteItem[]>> {
  if (!isObject(vote)) return {};
  const { title } = vote;
  const items: readonly unknown[] = Array.isArray(vote[name]) ? vote[name] : [];
  const read = items.flatMap((item) => readItem(item) ?? []);
  const isWhole = items.length > 0 && read.length === items.length;
  return {
    ...(typeof title === 'string' && title !== '' && { title }),
    ...(isWhole && { [name]: read }),
  } as { title?: string } & Partial<Record<Name, VoteItem[]>>;
}

interface VoteItem {
  id: string;
  title: string;
  votes?: number;
  users?: number;
  channel_points?: number;
}

const COUNTS = ['votes', 'users', 'channel_points'] as const;

function readItem(item: unknown): VoteItem | undefined {
  if (!isObject(item)) return undefined;
  const { id, title } = item;
  if (typeof id !== 'string' || typeof title !== 'string') return undefined;
  const counts = COUNTS.flatMap((name) =>
    Number.isSafeInteger(item[name]) ? [[name, item[name]]] : [],
  );
  return { id, title, ...(Object.fromEntries(counts) as Partial<VoteItem>) };
}
