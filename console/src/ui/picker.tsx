import { Autocomplete } from '@base-ui/react/autocomplete';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { api, type Schemas, take } from '../api/client';
import type { RawForm } from '../lib/schema-form';
import type { ReadContext } from './schema-fields';

type Choices = Schemas['Choices'];
interface Choice {
  value: string;
  label: string;
}

const WAIT_FOR_MORE_LETTERS = 2;

/** Offers what a read of the platform finds; anything else can be typed as well. */
export function Picker({
  control,
  value,
  onChange,
  from,
  context,
  form,
  placeholder,
}: {
  control: { id: string; 'aria-describedby': string | undefined; 'aria-invalid': true | undefined };
  value: string;
  onChange: (value: string) => void;
  from: Choices;
  context: ReadContext;
  form: RawForm;
  placeholder: string | undefined;
}) {
  const [open, setOpen] = useState(false);
  const typed = useDeferredValue(value);
  const given = Object.fromEntries(
    (from.needs ?? []).flatMap((name) => {
      const other = form[name];
      return typeof other === 'string' && other !== '' ? [[name, other]] : [];
    }),
  );
  const isReady =
    Object.keys(given).length === (from.needs ?? []).length &&
    (!from.search || typed.length >= WAIT_FOR_MORE_LETTERS);
  const query = useQuery({
    queryKey: ['choices', context, from, given, from.search ? typed : ''],
    enabled: open && isReady,
    staleTime: 30_000,
    retry: false,
    queryFn: () =>
      readChoices(from, context, { ...given, ...(from.search && { [from.search]: typed }) }),
  });
  const choices = query.data ?? [];
  return (
    <Autocomplete.Root
      items={choices}
      value={value}
      onValueChange={onChange}
      open={open}
      onOpenChange={setOpen}
      itemToStringValue={({ value: id }: Choice) => id}
      filter={from.search ? null : fits}
    >
      <Autocomplete.Input
        {...control}
        className="control"
        placeholder={placeholder}
        onFocus={() => setOpen(true)}
      />
      <Autocomplete.Portal>
        <Autocomplete.Positioner sideOffset={4} className="z-50">
          <Autocomplete.Popup className="max-h-72 w-(--anchor-width) overflow-y-auto rounded-lg border border-line bg-raised p-1 shadow-lg">
            <Autocomplete.Status className="px-2 py-1 text-[0.8125rem] text-soft">
              {describe(isReady, query.isFetching, query.error, choices.length, from)}
            </Autocomplete.Status>
            <Autocomplete.List>
              {(choice: Choice) => (
                <Autocomplete.Item
                  key={choice.value}
                  value={choice}
                  className="cursor-pointer rounded-md px-2 py-1.5 data-highlighted:bg-accent-soft"
                >
                  {choice.label} <code className="text-xs break-all text-soft">{choice.value}</code>
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  );
}

function fits({ value, label }: Choice, typed: string): boolean {
  const words = typed.toLowerCase();
  return value.toLowerCase().includes(words) || label.toLowerCase().includes(words);
}

function describe(
  isReady: boolean,
  isFetching: boolean,
  error: Error | null,
  count: number,
  { needs = [], search }: Choices,
): string {
  if (!isReady)
    return search ? 'Type two letters to search' : `Fill in ${needs.join(' and ')} first`;
  if (isFetching) return 'Loading…';
  if (error) return `Nothing to choose from: ${error.message}`;
  return count === 0 ? 'Nothing found' : `${count} to choose from`;
}

/** @throws ApiProblem if the read is refused */
async function readChoices(
  { read, value, label }: Choices,
  { platform, account }: ReadContext,
  more: Record<string, string>,
): Promise<Choice[]> {
  const { result_data: found } = await take(
    api.GET('/api/v1/read/{platform}/{action_type}', {
      params: {
        path: { platform, action_type: read },
        query: { ...(account && { account_id: account }), ...more } as Record<string, never>,
      },
    }),
  );
  const items = (found as { items?: Record<string, unknown>[] }).items ?? [];
  return items.map((item) => ({
    value: String(item[value] ?? ''),
    label: String(item[label] ?? item[value] ?? ''),
  }));
}
