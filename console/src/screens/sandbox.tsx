import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, take } from '../api/client';
import { showClock } from '../lib/format';
import { Button } from '../ui/button';
import { JsonBlock } from '../ui/copy';
import { Confirm, Dialog } from '../ui/dialog';
import { Field, Input, Select } from '../ui/form';
import { Badge } from '../ui/marks';
import { Card, Empty, Fault, Loaded, Page, Section, Table } from '../ui/page';
import { tell } from '../ui/toast';

const REFRESH_MS = 2_000;

/** A request as the simulated platforms saw it. */
interface SeenRequest {
  seq: number;
  at: string;
  method: string;
  path: string;
  who: string | null;
  status: number | null;
  fault: string | null;
  body: unknown;
  answer: unknown;
}

interface FaultRule {
  match: { method?: string; path?: string };
  times: number;
  fault: { kind: string; status?: number };
}

/** The simulated platforms: what arrived there, what shall go wrong, and what time it is. */
export function Sandbox() {
  return (
    <Page
      title="Sandbox"
      lead="The simulated platforms: what arrived there, what shall go wrong, and what time it is."
      actions={<Reset />}
    >
      <div className="grid gap-6 lg:grid-cols-2">
        <Section title="Clock">
          <Clock />
        </Section>
        <Section title="Faults">
          <Faults />
        </Section>
      </div>
      <Section title="What arrived">
        <Requests />
      </Section>
    </Page>
  );
}

function Reset() {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button kind="danger" onClick={() => setAsking(true)}>
        Reset
      </Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title="Reset the simulated platforms?"
        label="Reset them"
        danger
        run={async () => {
          await take(api.POST('/api/v1/sandbox/reset', { body: { keep_grants: true } }));
          await queries.invalidateQueries({ queryKey: ['sandbox'] });
          tell('The platforms are as they were at the start');
        }}
      >
        Chats, channels and servers are as they were at the start. Connected accounts stay
        connected.
      </Confirm>
    </>
  );
}

const STEPS = [
  ['60000', 'A minute'],
  ['3600000', 'An hour'],
  ['86400000', 'A day'],
  ['604800000', 'A week'],
] as const;

function Clock() {
  const queries = useQueryClient();
  const [step, setStep] = useState<string>('3600000');
  const [error, setError] = useState<unknown>();
  const query = useQuery({
    queryKey: ['sandbox', 'state'],
    queryFn: () => take(api.GET('/api/v1/sandbox/state')),
    refetchInterval: REFRESH_MS,
  });
  const advance = async () => {
    setError(undefined);
    try {
      await take(api.POST('/api/v1/sandbox/clock', { body: { advance_ms: Number(step) } }));
      await queries.invalidateQueries({ queryKey: ['sandbox'] });
    } catch (fault) {
      setError(fault);
    }
  };
  return (
    <Loaded query={query}>
      {(state) => (
        <Card>
          {error !== undefined && <Fault error={error} />}
          <p className="mb-3">
            The platforms believe that it is{' '}
            <strong>{new Date(String(state['now'])).toLocaleString('en')}</strong>.
          </p>
          <div className="flex flex-wrap items-end gap-3">
            <div className="w-40">
              <Field label="Move it forward by">
                {(control) => (
                  <Select
                    {...control}
                    value={step}
                    onChange={(event) => setStep(event.target.value)}
                    options={STEPS}
                  />
                )}
              </Field>
            </div>
            <Button onClick={() => void advance()}>Move the clock</Button>
          </div>
        </Card>
      )}
    </Loaded>
  );
}

const KINDS = [
  ['status', 'Answer with a status'],
  ['reset before', 'Cut before it acts'],
  ['reset after', 'Cut after it has acted'],
  ['hang after', 'Act and never answer'],
  ['cut-body', 'Cut the answer in the middle'],
  ['garbage', 'Answer nonsense'],
] as const;

function Faults() {
  const queries = useQueryClient();
  const [form, setForm] = useState({ path: '/twitch', times: '1', kind: 'status', status: '503' });
  const [error, setError] = useState<unknown>();
  const query = useQuery({
    queryKey: ['sandbox', 'faults'],
    queryFn: () => take(api.GET('/api/v1/sandbox/faults')),
    refetchInterval: REFRESH_MS,
  });
  const set = (next: Partial<typeof form>) => setForm({ ...form, ...next });
  const change = async (run: () => Promise<unknown>) => {
    setError(undefined);
    try {
      await run();
      await queries.invalidateQueries({ queryKey: ['sandbox'] });
    } catch (fault) {
      setError(fault);
    }
  };
  const [kind = '', when] = form.kind.split(' ');
  const rule = {
    match: { path: form.path },
    times: Number(form.times),
    fault: {
      kind,
      ...(when && { when }),
      ...(kind === 'status' && { status: Number(form.status) }),
    },
  };
  return (
    <Card>
      {error !== undefined && <Fault error={error} />}
      <form
        className="grid gap-3 sm:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          void change(() => take(api.POST('/api/v1/sandbox/faults', { body: rule as never })));
        }}
      >
        <Field label="What happens">
          {(control) => (
            <Select
              {...control}
              value={form.kind}
              onChange={(event) => set({ kind: event.target.value })}
              options={KINDS}
            />
          )}
        </Field>
        <Field label="To requests below">
          {(control) => (
            <Input
              {...control}
              value={form.path}
              onChange={(event) => set({ path: event.target.value })}
            />
          )}
        </Field>
        <Field label="How many times">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              value={form.times}
              onChange={(event) => set({ times: event.target.value })}
            />
          )}
        </Field>
        {kind === 'status' && (
          <Field label="Status">
            {(control) => (
              <Input
                {...control}
                type="number"
                min={100}
                max={599}
                value={form.status}
                onChange={(event) => set({ status: event.target.value })}
              />
            )}
          </Field>
        )}
        <div className="flex gap-2 sm:col-span-2">
          <Button type="submit">Arm it</Button>
          <Button onClick={() => void change(() => take(api.DELETE('/api/v1/sandbox/faults')))}>
            Clear all
          </Button>
        </div>
      </form>
      <Loaded query={query}>
        {(found) => {
          const { faults } = found as unknown as { faults: FaultRule[] };
          return (
            <ul className="mt-3 grid gap-1 text-sm">
              {faults.length === 0 && <li className="text-soft">No fault is armed.</li>}
              {faults.map((one, at) => (
                <li key={at}>
                  {one.fault.kind} {one.fault.status} for {one.match.path ?? 'everything'},{' '}
                  {one.times} more
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Card>
  );
}

function Requests() {
  const [shown, setShown] = useState<SeenRequest>();
  const query = useQuery({
    queryKey: ['sandbox', 'requests'],
    queryFn: () => take(api.GET('/api/v1/sandbox/requests')),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Loaded query={query}>
      {(found) => {
        const requests = (found as unknown as { requests: SeenRequest[] }).requests
          .slice(-100)
          .toReversed();
        if (requests.length === 0) return <Empty title="Nothing has arrived yet" />;
        return (
          <>
            <Table
              label="Requests at the simulated platforms"
              head={['Time', 'Request', 'Who', 'Answer', '']}
            >
              {requests.map((request) => (
                <tr key={request.seq}>
                  <td className="whitespace-nowrap">{showClock(request.at)}</td>
                  <td>
                    <code className="break-all">
                      {request.method} {request.path}
                    </code>
                  </td>
                  <td>{request.who}</td>
                  <td>
                    {request.status ?? 'none'}{' '}
                    {request.fault && <Badge tone="warn">{request.fault}</Badge>}
                  </td>
                  <td className="text-right">
                    <Button
                      size="small"
                      aria-label={`Show request ${request.seq}`}
                      onClick={() => setShown(request)}
                    >
                      Show
                    </Button>
                  </td>
                </tr>
              ))}
            </Table>
            <Dialog
              open={shown !== undefined}
              onClose={() => setShown(undefined)}
              title={shown ? `${shown.method} ${shown.path}` : ''}
            >
              {shown && (
                <div className="grid gap-3">
                  <JsonBlock value={shown.body} label="Body of the request" />
                  <JsonBlock value={shown.answer} label="Answer" />
                  <div className="flex justify-end">
                    <Button onClick={() => setShown(undefined)}>Close</Button>
                  </div>
                </div>
              )}
            </Dialog>
          </>
        );
      }}
    </Loaded>
  );
}
