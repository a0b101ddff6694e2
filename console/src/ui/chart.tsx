import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { showName } from '../lib/format';

interface Bucket {
  at: string;
  platform: string;
  status: string;
  count: number;
}

/** Colours of the states, from the style sheet. */
const COLOURS: Readonly<Record<string, string>> = {
  SUCCEEDED: '--color-good',
  REFUSED: '--color-warn',
  FAILED: '--color-bad',
  UNKNOWN: '--color-accent',
  CANCELLED: '--color-strong',
};

const HEIGHT = 200;

/** How many actions ended how, over time; the same figures stand in a table for those who cannot see it. */
export function StatusChart({ buckets }: { buckets: readonly Bucket[] }) {
  const box = useRef<HTMLDivElement>(null);
  const times = [...new Set(buckets.map(({ at }) => at))].sort();
  const statuses = [...new Set(buckets.map(({ status }) => status))].sort();
  const counts = statuses.map((status) =>
    times.map((at) =>
      buckets
        .filter((bucket) => bucket.at === at && bucket.status === status)
        .reduce((sum, { count }) => sum + count, 0),
    ),
  );
  const data = JSON.stringify([times, statuses, counts]);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const style = getComputedStyle(element);
    const resolve = (name: string): string => {
      const probe = document.createElement('span');
      probe.style.color = `var(${name})`;
      element.append(probe);
      const { color } = getComputedStyle(probe);
      probe.remove();
      return color;
    };
    const soft = resolve('--color-soft');
    const line = resolve('--color-line');
    const axis = {
      stroke: soft,
      grid: { stroke: line, width: 1 },
      font: `12px ${style.fontFamily}`,
    };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        axes: [axis, axis],
        scales: { y: { range: (_plot, _low, high) => [0, Math.max(high, 1)] } },
        series: [
          {},
          ...statuses.map((status) => ({
            label: showName(status.toLowerCase()),
            stroke: resolve(COLOURS[status] ?? '--color-info'),
            width: 2,
            points: { show: times.length < 30 },
          })),
        ],
      },
      [times.map((at) => new Date(at).getTime() / 1000), ...counts],
      element,
    );
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
    // The chart is drawn anew when its figures change, not with every new list of the same.
  }, [data]);

  return (
    <>
      <div ref={box} aria-hidden="true" />
      <table className="sr-only">
        <caption>Actions of the last 24 hours by status</caption>
        <tbody>
          {statuses.map((status, at) => (
            <tr key={status}>
              <th scope="row">{status}</th>
              <td>{counts[at]!.reduce((sum, count) => sum + count, 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
