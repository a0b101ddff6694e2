/**
 * Why an answer is not as a fact says; undefined where it is. What the marks in facts mean is said in
 * test/facts/earlier/fact.ts.
 */
export function findDifference(expected: unknown, actual: unknown, at = 'it'): string | undefined {
  if (typeof expected === 'string') return findTextDifference(expected, actual, at);
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return `${at} is ${show(actual)}, and ${expected.length} items were expected`;
    return firstOf(
      expected.map((item, index) => findDifference(item, actual[index], `${at}[${index}]`)),
    );
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null)
      return `${at} is ${show(actual)}, and an object was expected`;
    const members = actual as Record<string, unknown>;
    return firstOf(
      Object.entries(expected).map(([name, member]) =>
        findDifference(member, members[name], `${at}.${name}`),
      ),
    );
  }
  return Object.is(expected, actual) || (expected === undefined && actual === undefined)
    ? undefined
    : `${at} is ${show(actual)}, and ${show(expected)} was expected`;
}

function findTextDifference(expected: string, actual: unknown, at: string): string | undefined {
  const isAsExpected =
    expected === '<any>' ||
    (expected === '<number>' && typeof actual === 'number') ||
    ((expected === '<id>' || expected === '<text>') &&
      typeof actual === 'string' &&
      actual !== '') ||
    (expected.startsWith('~') &&
      typeof actual === 'string' &&
      new RegExp(expected.slice(1), 's').test(actual)) ||
    actual === expected;
  return isAsExpected ? undefined : `${at} is ${show(actual)}, and ${show(expected)} was expected`;
}

function firstOf(differences: readonly (string | undefined)[]): string | undefined {
  return differences.find((difference) => difference !== undefined);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
