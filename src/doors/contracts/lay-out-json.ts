import { isObject } from '../../actions/json.js';

const WIDTH = 72;

/** JSON for readers: what is short stays on one line, the outermost object never does. */
export function layOutJson(value: object): string {
  return layOut(JSON.parse(JSON.stringify(value)), '', true);
}

function layOut(value: unknown, indent: string, open = false): string {
  const isContainer = typeof value === 'object' && value !== null;
  const flat = writeFlat(value);
  if (!isContainer || flat === '{}' || flat === '[]') return flat;
  if (!open && indent.length + flat.length <= WIDTH) return flat;
  const inner = `${indent}  `;
  const members = isObject(value)
    ? Object.entries(value).map(
        ([name, member]) => `${JSON.stringify(name)}: ${layOut(member, inner)}`,
      )
    : Object.values(value).map((member) => layOut(member, inner));
  const [left, right] = isObject(value) ? '{}' : '[]';
  return `${left}\n${members.map((member) => inner + member).join(',\n')}\n${indent}${right}`;
}

function writeFlat(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeFlat).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${writeFlat(member)}`,
  );
  return members.length > 0 ? `{ ${members.join(', ')} }` : '{}';
}
