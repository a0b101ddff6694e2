import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ActionFilters } from '../lib/action-filters';
import { showName } from '../lib/format';
import { Field, Input, SelectFilter } from '../ui/form';
import { titleOfPlatform } from '../ui/marks';

const STATUSES = [
  'SUCCEEDED',
  'REFUSED',
  'FAILED',
  'UNKNOWN',
  'QUEUED',
  'SCHEDULED',
  'RUNNING',
  'CANCELLED',
];

/** What the list of actions is narrowed to. It is in the address, so that a link shows the same. */
export function Filters({ filters }: { filters: ActionFilters }) {
  const navigate = useNavigate({ from: '/actions' });
  const change = (next: Partial<ActionFilters>) =>
    void navigate({ search: (former) => ({ ...former, ...next }), replace: true });
  const isMore = Boolean(
    filters.action_type ||
    filters.caller_id ||
    filters.failure_code ||
    filters.from ||
    filters.to ||
    filters.effect,
  );
  return (
    <div className="mb-4 grid gap-3">
      <div className="grid gap-3 sm:grid-cols-4">
        <SelectFilter
          label="Platform"
          value={filters.platform}
          onChange={(value) => change({ platform: value })}
          options={[
            ['', 'All'],
            ...['twitch', 'youtube', 'discord'].map(
              (name) => [name, titleOfPlatform(name)] as const,
            ),
          ]}
        />
        <SelectFilter
          label="Status"
          value={filters.status}
          onChange={(value) => change({ status: value })}
          options={[
            ['', 'Any'],
            ...STATUSES.map((name) => [name, showName(name.toLowerCase())] as const),
          ]}
        />
        <TypedFilter
          label="Account"
          value={filters.account_id}
          onChange={(account_id) => change({ account_id })}
        />
        <TypedFilter
          label="Text in the error"
          value={filters.text}
          onChange={(text) => change({ text })}
        />
      </div>
      <details open={isMore || undefined}>
        <summary className="text-sm text-soft">More filters</summary>
        <div className="mt-2 grid gap-3 sm:grid-cols-3">
          <TypedFilter
            label="Action type"
            value={filters.action_type}
            onChange={(action_type) => change({ action_type })}
          />
          <TypedFilter
            label="Caller"
            value={filters.caller_id}
            onChange={(caller_id) => change({ caller_id })}
          />
          <TypedFilter
            label="Failure code"
            value={filters.failure_code}
            onChange={(failure_code) => change({ failure_code })}
          />
          <SelectFilter
            label="Effect"
            value={filters.effect}
            onChange={(value) => change({ effect: value })}
            options={[['', 'Any'], 'read', 'create', 'update', 'delete']}
          />
          <MomentFilter label="From" value={filters.from} onChange={(from) => change({ from })} />
          <MomentFilter label="To" value={filters.to} onChange={(to) => change({ to })} />
        </div>
      </details>
    </div>
  );
}

/** A filter that takes effect when the person is done with it: with Enter, or on leaving. */
function TypedFilter({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const [text, setText] = useState(value ?? '');
  useEffect(() => setText(value ?? ''), [value]);
  const apply = () => {
    if (text !== (value ?? '')) onChange(text || undefined);
  };
  return (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={apply}
          onKeyDown={(event) => {
            if (event.key === 'Enter') apply();
          }}
        />
      )}
    </Field>
  );
}

function MomentFilter({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  return (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          type="datetime-local"
          value={value ? toLocal(value) : ''}
          onChange={({ target }) =>
            onChange(target.value ? new Date(target.value).toISOString() : undefined)
          }
        />
      )}
    </Field>
  );
}

/** A moment as the browser's own control writes it. */
function toLocal(moment: string): string {
  const date = new Date(moment);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
