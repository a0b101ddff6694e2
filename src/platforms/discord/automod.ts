import { requireChange } from '../../actions/changes.js';
import type { FieldViolation } from '../../actions/failures.js';
import { flag, list, object, oneOf, text, whole } from '../../actions/shapes.js';
import { leaveOut } from './discord-action.js';

const WORDS = list(text(1, 60), 0, 1_000);
const PATTERNS = list(text(1, 260), 0, 10);
const ALLOWED = list(text(1, 60), 0, 1_000);

/** The details of every kind of rule. @see https://discord.com/developers/docs/resources/auto-moderation#auto-moderation-rule-object-trigger-metadata */
export const RULE_TRIGGER = object({
  '?keyword_filter': WORDS,
  '?regex_patterns': PATTERNS,
  '?allow_list': ALLOWED,
  '?presets': list(oneOf(1, 2, 3), 0, 3, true),
  '?mention_total_limit': whole(0, 50),
  '?mention_raid_protection_enabled': flag,
});

const WORD_MEMBERS = ['keyword_filter', 'regex_patterns', 'allow_list'];
const MEMBERS: Readonly<Record<number, readonly string[]>> = {
  1: WORD_MEMBERS,
  3: [],
  4: ['presets', 'allow_list'],
  5: ['mention_total_limit', 'mention_raid_protection_enabled'],
  6: WORD_MEMBERS,
};
/** The most allowed words, where it is less than 1,000. */
const MOST_ALLOWED: Readonly<Record<number, number>> = { 1: 100, 6: 100 };
const NEEDS_METADATA: ReadonlySet<number> = new Set([4, 6]);
const PRESETS = 4;

interface Rule {
  readonly trigger_type?: number;
  readonly trigger_metadata?: Readonly<Record<string, unknown>>;
}

/** Details that do not go with the kind of rule. */
export function findRuleFaults({ trigger_type, trigger_metadata }: Rule): FieldViolation[] {
  const type = trigger_type ?? 0;
  const field = 'trigger_metadata';
  const known = MEMBERS[type] ?? [];
  if (!trigger_metadata)
    return NEEDS_METADATA.has(type) ? [{ field, message: 'is missing for this kind of rule' }] : [];
  const wrong = Object.keys(trigger_metadata).filter((name) => !known.includes(name));
  if (wrong.length > 0) {
    const means = known.length > 0 ? known.join(', ') : 'nothing';
    return [{ field, message: `takes ${means} for this kind of rule, not ${wrong.join(', ')}` }];
  }
  if (type === PRESETS && trigger_metadata['presets'] === undefined)
    return [{ field, message: 'presets is missing' }];
  const { allow_list: allowed } = trigger_metadata;
  const most = MOST_ALLOWED[type] ?? 1_000;
  return Array.isArray(allowed) && allowed.length > most
    ? [{ field, message: `allow_list must have at most ${most} items for this kind of rule` }]
    : [];
}

/** The same for a change. Details need the kind of the rule, since Discord reads them by it. */
export function findRuleChangeFaults(rule: Rule): FieldViolation[] {
  const changes = leaveOut(rule as Record<string, unknown>, ['guild_id', 'rule_id', 'reason']);
  const unchanged = requireChange(changes);
  if (unchanged.length > 0) return unchanged;
  if (rule.trigger_metadata === undefined) return [];
  return rule.trigger_type === undefined
    ? [{ field: 'trigger_type', message: 'is missing: trigger_metadata goes with it' }]
    : findRuleFaults(rule);
}
