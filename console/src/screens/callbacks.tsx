import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Schemas, take } from '../api/client';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Field, Input, Select } from '../ui/form';
import { Ago, Badge, type Tone } from '../ui/marks';
import { Empty, Fault, Loaded, Notice, Page, Table, ShowOlder } from '../ui/page';
import { tell } from '../ui/toast';

type Callback = Schemas['Callbacks']['callbacks'][number];
const TONES: Readonly<Record<Callback['state'], Tone>> = {
  waiting: 'plain',
  due: 'info',
  delivered: 'good',
  dead: 'bad',
};

/** Outcomes that are sent to the callers' own addresses. */
export function Callbacks() {
  const { state } = useSearch({ from: '/callbacks' });
  const navigate = useNavigate({ from: '/callbacks' });
  const [testing, setTesting] = useState(false);
  const query = useInfiniteQuery({
    queryKey: ['callbacks', state],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/callbacks', {
          params: { query: { state: state as Callback['state'] | undefined, cursor: pageParam } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor || undefined,
    refetchInterval: 10_000,
  });
  return (
    <Page
      title="Callbacks"
      lead="Outcomes that are delivered to the address of a caller, signed as Standard Webhooks."
      actions={<Button onClick={() => setTesting(true)}>Send a test</Button>}
    >
      <div className="mb-4 w-44">
        <Field label="State">
          {(control) => (
            <Select
              {...control}
              value={state ?? ''}
              onChange={(event) =>
                void navigate({ search: { state: event.target.value || undefined }, replace: true })
              }
              options={[['', 'All'], 'due', 'delivered', 'dead', 'waiting']}
            />
          )}
        </Field>
      </div>
      <Loaded query={query}>
        {({ pages }) => {
          const callbacks = pages.flatMap((page) => page.callbacks);
          if (callbacks.length === 0)
            return (
              <Empty title="No callback fits">
                An envelope with a <code>callback_url</code> makes one.
              </Empty>
            );
          return (
            <>
              <Table
                label="Callbacks"
                head={['Action', 'Receiver', 'State', 'Tries', 'Next', 'Last error', '']}
              >
                {callbacks.map((callback) => (
                  <Row key={callback.action_id} callback={callback} />
                ))}
              </Table>
              <ShowOlder query={query} />
            </>
          );
        }}
      </Loaded>
      <TestDelivery open={testing} onClose={() => setTesting(false)} />
    </Page>
  );
}

function Row({ callback }: { callback: Callback }) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const replay = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await take(
        api.POST('/api/v1/callbacks/{action_id}/replay', {
          params: { path: { action_id: callback.action_id } },
        }),
      );
      tell('It is delivered again');
      await queries.invalidateQueries({ queryKey: ['callbacks'] });
    } catch (fault) {
      setError(fault);
    } finally {
      setBusy(false);
    }
  };
  const isSettled = callback.state === 'dead' || callback.state === 'delivered';
  return (
    <tr>
      <td>
        <Link to="/actions/$id" params={{ id: callback.action_id }} className="link">
          <code>{callback.action_id.slice(-12)}</code>
        </Link>
      </td>
      <td>{callback.host}</td>
      <td>
        <Badge tone={TONES[callback.state]}>{callback.state}</Badge>
      </td>
      <td>{callback.tries}</td>
      <td>
        <Ago moment={callback.next_at} />
      </td>
      <td className="max-w-sm">
        {callback.last_error}
        {error !== undefined && <Fault error={error} />}
      </td>
      <td>
        {isSettled && (
          <Button size="small" busy={busy} onClick={() => void replay()}>
            Deliver again
          </Button>
        )}
      </td>
    </tr>
  );
}

function TestDelivery({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [address, setAddress] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [answer, setAnswer] = useState<Schemas['CallbackTest']>();
  const send = async () => {
    setBusy(true);
    setError(undefined);
    setAnswer(undefined);
    try {
      setAnswer(
        await take(api.POST('/api/v1/callbacks/test', { body: { callback_url: address } })),
      );
    } catch (fault) {
      setError(fault);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open={open} onClose={onClose} title="Send a test delivery">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {error !== undefined && <Fault error={error} />}
        {answer && (
          <Notice
            tone={answer.delivered ? 'good' : 'bad'}
            title={answer.delivered ? 'It was taken' : 'It was not taken'}
          >
            {answer.error || `The receiver answered with HTTP ${answer.status}.`}
          </Notice>
        )}
        <Field
          label="Address of the receiver"
          hint="It gets one signed delivery of the type “test”, and no repeats."
          required
        >
          {(control) => (
            <Input
              {...control}
              type="url"
              required
              placeholder="https://router.example/outcomes"
              value={address}
              onChange={(event) => setAddress(event.target.value)}
            />
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" kind="primary" busy={busy}>
            Send it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
