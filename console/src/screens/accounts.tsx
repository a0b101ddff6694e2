import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { Account } from '../api/client';
import { accounts as accountsQuery } from '../api/queries';
import { showCount } from '../lib/format';
import { ButtonLink } from '../ui/button';
import { Field, Input, SelectFilter } from '../ui/form';
import { AccountMark, Ago, PlatformMark, titleOfPlatform } from '../ui/marks';
import { Empty, Loaded, Page, Table } from '../ui/page';

/** Every account that can act, and how it is. */
export function Accounts() {
  const query = useQuery(accountsQuery);
  return (
    <Page
      title="Accounts"
      lead="The channels and bots in whose name the gateway acts."
      actions={
        <ButtonLink to="/connect" kind="primary">
          Connect an account
        </ButtonLink>
      }
    >
      <Loaded query={query}>
        {({ accounts }) =>
          accounts.length === 0 ? (
            <Empty title="No account is connected">
              Connect a channel or a bot to begin.{' '}
              <Link to="/connect" className="link">
                Connect one
              </Link>
            </Empty>
          ) : (
            <List accounts={accounts} />
          )
        }
      </Loaded>
    </Page>
  );
}

function List({ accounts }: { accounts: readonly Account[] }) {
  const { platform, state, text } = useSearch({ from: '/accounts' });
  const navigate = useNavigate({ from: '/accounts' });
  const change = (next: { platform?: string; state?: string; text?: string }) =>
    void navigate({ search: (former) => ({ ...former, ...next }), replace: true });
  const words = text?.toLowerCase() ?? '';
  const found = accounts.filter(
    (account) =>
      (!platform || account.platform === platform) &&
      (!state || account.state === state) &&
      `${account.login} ${account.account_id}`.toLowerCase().includes(words),
  );
  const platforms = [...new Set(accounts.map((account) => account.platform))].sort();
  return (
    <>
      <div className="mb-4 grid gap-3 sm:grid-cols-[minmax(0,1fr)_11rem_11rem]">
        <Field label="Search">
          {(control) => (
            <Input
              {...control}
              type="search"
              placeholder="Name or id"
              value={text ?? ''}
              onChange={(event) => change({ text: event.target.value || undefined })}
            />
          )}
        </Field>
        <SelectFilter
          label="Platform"
          value={platform}
          onChange={(value) => change({ platform: value })}
          options={[
            ['', 'All'],
            ...platforms.map((name) => [name, titleOfPlatform(name)] as const),
          ]}
        />
        <SelectFilter
          label="State"
          value={state}
          onChange={(value) => change({ state: value })}
          options={[['', 'Any'], 'connected', 'unverified', 'reconnect']}
        />
      </div>
      <p className="mb-3 text-sm text-soft" role="status">
        {showCount(found.length, 'account')}
      </p>
      <Table
        label="Accounts"
        head={['Account', 'Platform', 'State', 'Cannot do', 'Renewed', 'Checked']}
      >
        {found.map((account) => (
          <tr key={`${account.platform}.${account.account_id}`}>
            <td>
              <Link
                to="/accounts/$platform/$account"
                params={{ platform: account.platform, account: account.account_id }}
                className="link font-medium"
              >
                {account.login || account.account_id}
              </Link>
              <br />
              <code className="text-xs text-soft">{account.account_id}</code>
            </td>
            <td>
              <PlatformMark platform={account.platform} />
            </td>
            <td>
              <AccountMark state={account.state} />
              {account.reason && (
                <p className="mt-1 max-w-xs text-[0.8125rem] text-soft">{account.reason}</p>
              )}
            </td>
            <td>
              {account.missing.length === 0 ? '–' : showCount(account.missing.length, 'action')}
            </td>
            <td>
              <Ago moment={account.refreshed_at} />
            </td>
            <td>
              <Ago moment={account.validated_at} />
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}
