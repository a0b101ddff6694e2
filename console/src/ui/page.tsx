import { type ReactNode, useEffect } from 'react';
import { ApiProblem } from '../api/client';
import { Button } from './button';

/** A screen: its heading, which is also the title of the document, and what can be done on it. */
export function Page({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Action gateway`;
  }, [title]);
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8">
      <header className="mb-6 flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 className="text-2xl font-semibold tracking-tight break-words">{title}</h1>
          {lead && <p className="mt-1 max-w-2xl text-soft">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a screen with a heading of its own. */
export function Section({
  title,
  actions,
  children,
  className = '',
}: {
  title: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={`mb-8 ${className}`}>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-lg font-semibold">{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

export function Card({ children, className = '' }: { children: ReactNode; className?: string }) {
  return <div className={`card p-4 ${className}`}>{children}</div>;
}

/** What a list shows when there is nothing in it, and how to get something into it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="card px-6 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children && <div className="mx-auto mt-1 max-w-xl text-soft">{children}</div>}
    </div>
  );
}

export function Loading() {
  return (
    <div role="status" className="px-4 py-10 text-center text-soft">
      Loading…
    </div>
  );
}

const TONES = {
  bad: 'border-bad bg-bad-soft text-bad',
  warn: 'border-warn bg-warn-soft text-warn',
  good: 'border-good bg-good-soft text-good',
  info: 'border-info bg-info-soft text-info',
} as const;

export function Notice({
  tone = 'info',
  title,
  children,
}: {
  tone?: keyof typeof TONES;
  title?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={`mb-4 rounded-lg border px-4 py-3 ${TONES[tone]}`}
    >
      {title && <p className="font-medium">{title}</p>}
      {children && <div className="text-[0.9375rem]">{children}</div>}
    </div>
  );
}

/** What went wrong, in the gateway's words, and a way to try again. */
export function Fault({ error, retry }: { error: unknown; retry?: () => void }) {
  const status = error instanceof ApiProblem ? error.status : 0;
  return (
    <Notice tone="bad" title={status === 403 ? 'You may not see this' : 'This did not work'}>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      {error instanceof ApiProblem &&
        error.violations.map(({ field, message }) => (
          <p key={field}>
            <code>{field}</code> {message}
          </p>
        ))}
      {retry && status !== 403 && (
        <Button size="small" className="mt-2" onClick={retry}>
          Try again
        </Button>
      )}
    </Notice>
  );
}

interface Query<Data> {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Shows what a query found; until then that it is loading, and what went wrong if something did. */
export function Loaded<Data>({
  query,
  children,
}: {
  query: Query<Data>;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined)
    return (
      <>
        {query.error != null && <Fault error={query.error} retry={() => void query.refetch()} />}
        {children(query.data)}
      </>
    );
  if (query.isPending) return <Loading />;
  return <Fault error={query.error} retry={() => void query.refetch()} />;
}

/** Names and values beneath each other. */
export function Facts({
  facts,
}: {
  facts: readonly (readonly [name: string, value: ReactNode])[];
}) {
  const shown = facts.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return (
    <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-[max-content_minmax(0,1fr)]">
      {shown.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-sm text-soft sm:pt-px">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A table that scrolls sideways by itself where the screen is narrow. */
export function Table({
  label,
  head,
  children,
}: {
  label: string;
  head: readonly ReactNode[];
  children: ReactNode;
}) {
  return (
    <div className="card overflow-x-auto" role="region" aria-label={label} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {head.map((cell, at) =>
              cell === '' ? (
                <td key={at} />
              ) : (
                <th key={at} scope="col">
                  {cell}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** Asks for the next page of a list, while there is one. */
export function ShowOlder({
  query,
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}) {
  if (!query.hasNextPage) return null;
  return (
    <Button
      className="mt-3"
      busy={query.isFetchingNextPage}
      onClick={() => void query.fetchNextPage()}
    >
      Show older
    </Button>
  );
}
