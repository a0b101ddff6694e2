import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { type Account, api, take } from '../api/client';
import { showMoment, showName } from '../lib/format';
import { Button, ButtonLink } from '../ui/button';
import { Confirm } from '../ui/dialog';
import { AccountMark, Ago, PlatformMark } from '../ui/marks';
import { Card, Facts, Fault, Loaded, Notice, Page, Section, ShowOlder } from '../ui/page';
import { tell } from '../ui/toast';

/** One account: how it is, what it may do, and what happened to it. */
export function AccountScreen() {
  const { platform, account } = useParams({ from: '/accounts/$platform/$account' });
  const path = { platform, account_id: account };
  const query = useQuery({
    queryKey: ['accounts', platform, account],
    queryFn: () => take(api.GET('/api/v1/accounts/{platform}/{account_id}', { params: { path } })),
  });
  return (
    <Page
      title={query.data?.login || account}
      actions={<Links platform={platform} account={account} />}
    >
      <Loaded query={query}>{(found) => <Details account={found} />}</Loaded>
      <History platform={platform} account={account} />
    </Page>
  );
}

function Links({ platform, account }: { platform: string; account: string }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [removing, setRemoving] = useState(false);
  const params = { path: { platform, account_id: account } };
  const refresh = () => queries.invalidateQueries({ queryKey: ['accounts'] });
  const verify = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const found = await take(
        api.POST('/api/v1/accounts/{platform}/{account_id}/verify', { params }),
      );
      tell(
        found.state === 'connected' ? 'The platform accepts it' : 'The platform does not accept it',
        found.reason,
      );
      await refresh();
    } catch (fault) {
      setError(fault);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button busy={busy} onClick={() => void verify()}>
        Verify
      </Button>
      <ButtonLink to="/connect" search={{ platform, account }}>
        Reconnect or share a link
      </ButtonLink>
      <ButtonLink to="/actions" search={{ platform, account_id: account }}>
        Its actions
      </ButtonLink>
      <Button kind="danger" onClick={() => setRemoving(true)}>
        Remove
      </Button>
      {error !== undefined && <Fault error={error} />}
      <Confirm
        open={removing}
        onClose={() => setRemoving(false)}
        title="Remove this account?"
        label="Remove the account"
        danger
        run={async () => {
          await take(api.DELETE('/api/v1/accounts/{platform}/{account_id}', { params }));
          await refresh();
          tell('The account was removed');
          await navigate({ to: '/accounts' });
        }}
      >
        Its tokens are deleted, and what waits for it is refused. Its history stays.
      </Confirm>
    </>
  );
}

function Details({ account }: { account: Account }) {
  return (
    <>
      {account.state !== 'connected' && (
        <Notice
          tone={account.state === 'reconnect' ? 'bad' : 'warn'}
          title={showName(account.state)}
        >
          {account.reason}
        </Notice>
      )}
      <Section title="How it is">
        <Card>
          <Facts
            facts={[
              ['Platform', <PlatformMark key="p" platform={account.platform} />],
              ['Id', <code key="id">{account.account_id}</code>],
              ['State', <AccountMark key="s" state={account.state} />],
              ['Tenant', account.owner],
              ['Connected by', account.connected_by],
              ['Credential', account.credential_ref && <code>{account.credential_ref}</code>],
              ['Token ends', showMoment(account.expires_at)],
              ['Renews itself', account.renewable ? 'yes' : 'no: it has no refresh token'],
              ['Last renewed', <Ago key="r" moment={account.refreshed_at} />],
              ['Last checked', <Ago key="v" moment={account.validated_at} />],
              ['Connected', showMoment(account.created_at)],
            ]}
          />
        </Card>
      </Section>
      <Section title={`What it cannot do (${account.missing.length})`}>
        {account.missing.length === 0 ? (
          <Card>It has granted what every action of its platform needs.</Card>
        ) : (
          <details className="card p-4">
            <summary>Actions and what they lack</summary>
            <ul className="mt-3 grid gap-2">
              {account.missing.map(({ action_type, reason }) => (
                <li key={action_type}>
                  <code>{action_type}</code> <span className="text-soft">{reason}</span>
                </li>
              ))}
            </ul>
          </details>
        )}
      </Section>
      <Section title={`What it granted (${account.scopes.length})`}>
        <details className="card p-4">
          <summary>
            Scopes{account.scopes_verified ? ', as the platform named them' : ', as claimed'}
          </summary>
          <ul className="mt-3 grid gap-1 sm:grid-cols-2">
            {account.scopes.map((scope) => (
              <li key={scope}>
                <code className="break-all">{scope}</code>
              </li>
            ))}
          </ul>
        </details>
      </Section>
    </>
  );
}

function History({ platform, account }: { platform: string; account: string }) {
  const query = useInfiniteQuery({
    queryKey: ['account-history', platform, account],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/accounts/{platform}/{account_id}/history', {
          params: { path: { platform, account_id: account }, query: { before: pageParam } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  return (
    <Section title="History">
      <Loaded query={query}>
        {({ pages }) => (
          <>
            <ol className="card divide-y divide-line">
              {pages
                .flatMap(({ entries }) => entries)
                .map((entry) => (
                  <li key={entry.id} className="flex flex-wrap items-baseline gap-x-3 px-4 py-2.5">
                    <span className="font-medium">
                      {showName(entry.kind.replace('account.', ''))}
                    </span>
                    {entry.reason && <span className="min-w-0 text-soft">{entry.reason}</span>}
                    {entry.caller_id && <span className="text-soft">by {entry.caller_id}</span>}
                    <span className="ml-auto text-sm text-soft">
                      <Ago moment={entry.happened_at} />
                    </span>
                  </li>
                ))}
            </ol>
            <ShowOlder query={query} />
          </>
        )}
      </Loaded>
      <p className="mt-2 text-sm text-soft">
        Also what admins did to it is in the{' '}
        <Link to="/events" className="link">
          admin events
        </Link>
        .
      </p>
    </Section>
  );
}
