import { refuse } from '../../actions/door-refusal.js';
import { suggestName } from '../../actions/nearest-name.js';

/** Which tools a client asked for. */
export interface ToolSelection {
  /** Names of platforms, groups and actions, `all`, or `default` for the tools of discovery; none for the default. */
  readonly toolsets: ReadonlySet<string>;
  /** Only reads are offered and carried out. */
  readonly readOnly: boolean;
}

const TOOLSETS = 'toolsets';
const READ_ONLY = 'readonly';
const LONGEST = 4_000;
/** Spellings of "no" in the header. */
const NO: ReadonlySet<string> = new Set(['', 'false', 'f', 'no', 'n', '0', 'off']);

/**
 * Reads which tools are asked for: in the query (`toolsets`, `readonly`), or in the headers X-MCP-Toolsets
 * and X-MCP-Readonly.
 * @param known names of platforms, groups and actions
 * @throws DoorRefusal for a toolset that is not there
 */
export function readSelection(
  query: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, unknown>>,
  known: readonly string[],
): ToolSelection {
  const toolsets = readText(query, headers, TOOLSETS)
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const names = new Set(known);
  const unknown = toolsets.find((name) => name !== 'all' && name !== 'default' && !names.has(name));
  if (unknown !== undefined)
    throw refuse.malformed(
      `${TOOLSETS}: there is no "${unknown.slice(0, 64)}".${suggestName(unknown, known)} Name platforms, groups or actions, such as those of GET /api/v1/catalog, or "all" or "default"`,
    );
  const readOnly = !NO.has(readText(query, headers, READ_ONLY).trim().toLowerCase());
  return { toolsets: new Set(toolsets), readOnly };
}

/** @throws DoorRefusal for one that is given twice, or too long */
function readText(
  query: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, unknown>>,
  name: string,
): string {
  const value = query[name] ?? headers[`x-mcp-${name}`] ?? '';
  if (typeof value !== 'string' || value.length > LONGEST)
    throw refuse.malformed(`${name} must be given once, with at most ${LONGEST} characters`);
  return value;
}
