import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useDeferredValue, useMemo } from 'react';
import type { Schemas } from '../api/client';
import { catalogue } from '../api/queries';
import { showCount, showName } from '../lib/format';
import { Field, Input, SelectFilter } from '../ui/form';
import { Badge, EffectMark, titleOfPlatform } from '../ui/marks';
import { Empty, Loaded, Page } from '../ui/page';

type Summary = Schemas['ActionDescription'];

/** How well an action fits words; 0 for not at all. */
function rate(action: Summary, words: readonly string[]): number {
  const name = action.action_type.toLowerCase();
  const all =
    `${name.replaceAll('_', ' ')} ${name} ${action.summary} ${action.group} ${action.platform}`.toLowerCase();
  if (!words.every((word) => all.includes(word))) return 0;
  return words.reduce((sum, word) => sum + (name.includes(word) ? 2 : 1), 1);
}

/** Search over everything that can be done. */
export function CatalogueScreen() {
  const query = useQuery(catalogue);
  return (
    <Page
      title="Catalogue"
      lead="Everything that can be done on the platforms. Open an action to try it: a dry run shows the exact request before anything is sent."
    >
      <Loaded query={query}>{({ actions }) => <Search actions={actions} />}</Loaded>
    </Page>
  );
}

function Search({ actions }: { actions: readonly Summary[] }) {
  const { text = '', platform, effect } = useSearch({ from: '/catalogue' });
  const navigate = useNavigate({ from: '/catalogue' });
  const change = (next: { text?: string; platform?: string; effect?: string }) =>
    void navigate({ search: (former) => ({ ...former, ...next }), replace: true });
  const words = useDeferredValue(text).toLowerCase().split(/\s+/).filter(Boolean).join(' ');
  const found = useMemo(() => {
    const parts = words === '' ? [] : words.split(' ');
    return actions
      .filter(
        (action) =>
          (!platform || action.platform === platform) && (!effect || action.effect === effect),
      )
      .map((action) => ({ action, fit: rate(action, parts) }))
      .filter(({ fit }) => fit > 0)
      .sort((a, b) => b.fit - a.fit)
      .map(({ action }) => action);
  }, [actions, words, platform, effect]);
  const platforms = [...new Set(actions.map((action) => action.platform))].sort();
  const groups = Map.groupBy(found, (action) => `${action.platform}.${action.group}`);

  return (
    <>
      <div className="mb-5 grid gap-3 sm:grid-cols-[minmax(0,1fr)_11rem_11rem]">
        <Field label="Search">
          {(control) => (
            <Input
              {...control}
              type="search"
              placeholder="Such as: ban user, poll, thumbnail"
              value={text}
              onChange={(event) => change({ text: event.target.value || undefined })}
            />
          )}
        </Field>
        <SelectFilter
          label="Platform"
          value={platform}
          onChange={(value) => change({ platform: value })}
          options={[
            ['', 'All platforms'],
            ...platforms.map((name) => [name, titleOfPlatform(name)] as const),
          ]}
        />
        <SelectFilter
          label="Effect"
          value={effect}
          onChange={(value) => change({ effect: value })}
          options={[['', 'Any effect'], 'read', 'create', 'update', 'delete']}
        />
      </div>
      <p className="mb-3 text-sm text-soft" role="status">
        {showCount(found.length, 'action')}
      </p>
      {found.length === 0 && (
        <Empty title="No action fits">Try fewer or other words, or another platform.</Empty>
      )}
      {[...groups].map(([name, members]) => (
        <section key={name} className="mb-6">
          <h2 className="mb-2 text-sm font-semibold text-soft">
            {titleOfPlatform(members[0]!.platform)} · {showName(members[0]!.group)}
          </h2>
          <ul className="card divide-y divide-line">
            {members.map((action) => (
              <li key={action.action_type}>
                <Link
                  to="/catalogue/$platform/$action"
                  params={{ platform: action.platform, action: action.action_type }}
                  className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2.5 hover:bg-sunken"
                >
                  <code className="font-semibold break-all">{action.action_type}</code>
                  <span className="min-w-0 grow text-soft">{action.summary}</span>
                  {!action.enabled && <Badge tone="warn">switched off</Badge>}
                  <EffectMark effect={action.effect} />
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
