import { type Field, type FieldClass, knowFields, listFields } from './field.js';
import { renameAliases } from './field-aliases.js';
import { isObject } from './json.js';
import { MAX_DEPTH } from './parse-fields.js';
import { hideAddressSecrets, listTexts } from './redaction.js';
import { countText } from './text-length.js';

/**
 * The values that the audit log may keep: only declared fields, private ones as their length. Undeclared
 * names are not kept, since a caller may have put a secret into one.
 * @param showText formats a text that is not private
 */
export function redactFields(
  type: FieldClass,
  values: unknown,
  showText: (text: string) => string = (text) => text,
): Record<string, unknown> {
  if (!isObject(values)) return {};
  const kept: Record<string, unknown> = {};
  const fields = knowFields(type);
  const named = renameAliases(fields, values);
  for (const field of fields.values()) {
    const value = named[field.name];
    if (value === undefined || value === null) continue;
    if (field.private) kept[field.name] = describeRedacted(value);
    else kept[field.name] = cutLong(showValue(field, value, showText));
  }
  return kept;
}

function showValue({ inner }: Field, value: unknown, showText: (text: string) => string): unknown {
  if (typeof value === 'string') return showText(value);
  const showItem = (item: unknown): unknown => {
    if (inner) return redactFields(inner, item, showText);
    return typeof item === 'string' ? showText(item) : item;
  };
  return Array.isArray(value) ? value.map(showItem) : showItem(value);
}

/**
 * The texts that the audit log must not keep: those of private fields, and the part of an address after its
 * path.
 */
export function listPrivateTexts(type: FieldClass, values: unknown): readonly string[] {
  if (!isObject(values)) return [];
  const named = renameAliases(knowFields(type), values);
  return listFields(type).flatMap(({ name, inner, private: isPrivate }) => {
    const value = named[name];
    if (isPrivate) return listTexts(value);
    if (inner)
      return (Array.isArray(value) ? value : [value]).flatMap((item: unknown) =>
        listPrivateTexts(inner, item),
      );
    return listTexts(value)
      .filter((text) => URL.canParse(text) && hideAddressSecrets(text) !== text)
      .flatMap(readQuery);
  });
}

function readQuery(address: string): string[] {
  const { search, hash, username, password } = new URL(address);
  const values = [...new URLSearchParams(search).values()];
  return [search, hash, username, password, ...values].filter((text) => text !== '');
}

function describeRedacted(value: unknown): string {
  return typeof value === 'string'
    ? `[redacted, ${countText(value, 'characters')} characters]`
    : '[redacted]';
}

const LONGEST_KEPT = 4_000;

/** The most characters of a refused value in the log: such a value can be megabytes long. */
function cutLong(value: unknown): unknown {
  if (typeof value === 'string' ? value.length <= LONGEST_KEPT : typeof value !== 'object')
    return value;
  // A value that was refused for its deep nesting would overflow the stack here.
  if (isDeeperThan(MAX_DEPTH, value)) return '[nested too deep]';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  if (text.length <= LONGEST_KEPT) return value;
  return `${text.slice(0, LONGEST_KEPT)}… [${text.length} in all]`;
}

function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(depth - 1, inner));
}
