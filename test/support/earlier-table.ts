import { renderTable } from '../../src/doors/contracts/markdown.js';
import { type EarlierFact, judge } from '../facts/earlier/fact.js';

const BEGIN = '<!-- The comparison, written by "npm run generate": do not edit. -->';
const END = '<!-- The end of the comparison. -->';

const TITLES: Readonly<Record<string, string>> = {
  discord: 'Discord',
  twitch: 'Twitch',
  youtube: 'YouTube',
  router: 'router',
  workflow: 'workflow',
  hub: 'hub',
  toolkit: 'toolkit',
};

/** A document with the comparison that is made of the facts in the place of the one that it has. */
export function putComparison(document: string, facts: readonly EarlierFact[]): string {
  const [before, rest = ''] = document.split(BEGIN);
  const [, after] = rest.split(END);
  if (after === undefined)
    throw new Error(`The document has no place between "${BEGIN}" and its end`);
  return `${before}${BEGIN}\n\n${renderComparison(facts)}\n\n${END}${after}`;
}

function renderComparison(facts: readonly EarlierFact[]): string {
  const routes = groupBy(facts, ({ service, door, at }) => `${service} ${door} ${at}`);
  const rows = [...routes.values()].map((cases) => {
    const [first] = cases as [EarlierFact];
    const route = first.door === 'gRPC' ? `\`${first.at}\` (gRPC)` : `\`${first.at}\``;
    return [TITLES[first.service] ?? first.service, route].concat(countVerdicts(cases));
  });
  const head = ['Service', 'Route or RPC', 'Cases', 'Same', 'Better', 'Deliberate'];
  const total = ['all', '', ...countVerdicts(facts)];
  return [
    renderTable(head, [...rows, total]),
    '### Every difference',
    renderTable(
      ['Service', 'Route or RPC', 'Case', 'Now'],
      facts.flatMap((fact) => {
        const { service, at, what, now } = fact;
        if (!now) return [];
        const name = TITLES[service] ?? service;
        return [[name, `\`${at}\``, escapeCell(what), `${now.verdict}: ${escapeCell(now.why)}`]];
      }),
    ),
  ].join('\n\n');
}

function countVerdicts(facts: readonly EarlierFact[]): string[] {
  const count = (verdict: ReturnType<typeof judge>): string =>
    String(facts.filter((fact) => judge(fact) === verdict).length || '');
  return [String(facts.length), count('same'), count('better'), count('deliberate')];
}

function escapeCell(text: string): string {
  return text
    .replaceAll('|', String.raw`\|`)
    .replaceAll('<', '&lt;')
    .replaceAll('_', String.raw`\_`);
}

/** `Map.groupBy`, which Node.js 20 does not have. */
function groupBy<Item>(
  items: readonly Item[],
  nameGroup: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const name = nameGroup(item);
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return groups;
}
