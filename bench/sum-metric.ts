/** What the lines of a metric come to that have some labels, in the text format of Prometheus. */
export function sumMetric(
  text: string,
  metric: string,
  labels: Readonly<Record<string, string>>,
): number {
  const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${metric}{`)) continue;
    const end = line.lastIndexOf('}');
    const has = line.slice(metric.length + 1, end).split(',');
    if (wanted.every((label) => has.includes(label))) sum += Number(line.slice(end + 1));
  }
  return sum;
}
