import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../api/client';
import { showMoment, showName } from '../lib/format';
import { Field, Select } from '../ui/form';
import { Empty, Loaded, Page, Table, ShowOlder } from '../ui/page';

const SUBJECTS = [
  ['', 'Everything'],
  ['account', 'Accounts'],
  ['flag', 'Switches'],
  ['caller', 'Callers'],
  ['session', 'Sessions'],
  ['callback', 'Callbacks'],
] as const;

/** What admins did, and what happened to accounts. */
export function Events() {
  const [subject, setSubject] = useState('');
  const query = useInfiniteQuery({
    queryKey: ['events'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/v1/audit/events', { params: { query: { cursor: pageParam } as never } })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  return (
    <Page title="Admin events" lead="What admins did and what happened to accounts, newest first.">
      <div className="mb-4 w-44">
        <Field label="About">
          {(control) => (
            <Select
              {...control}
              value={subject}
              onChange={(event) => setSubject(event.target.value)}
              options={SUBJECTS}
            />
          )}
        </Field>
      </div>
      <Loaded query={query}>
        {({ pages }) => {
          const entries = pages
            .flatMap((page) => page.entries)
            .filter(({ kind }) => subject === '' || kind.startsWith(`${subject}.`));
          return (
            <>
              {entries.length === 0 ? (
                <Empty title="Nothing fits" />
              ) : (
                <Table label="Admin events" head={['When', 'What', 'About', 'By', 'Reason']}>
                  {entries.map((entry) => (
                    <tr key={entry.id}>
                      <td className="whitespace-nowrap">{showMoment(entry.happened_at)}</td>
                      <td className="font-medium">{showName(entry.kind)}</td>
                      <td>
                        {entry.platform ? `${entry.platform} ${entry.account_id}` : entry.subject}
                      </td>
                      <td>{entry.caller_id || 'the gateway'}</td>
                      <td>{entry.reason}</td>
                    </tr>
                  ))}
                </Table>
              )}
              <ShowOlder query={query} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
