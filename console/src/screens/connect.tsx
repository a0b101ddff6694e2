import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, type Schemas, take } from '../api/client';
import { showCount, showName } from '../lib/format';
import { Button, buttonLook, ButtonLink } from '../ui/button';
import { CopyButton } from '../ui/copy';
import { CheckBox, Field, Select } from '../ui/form';
import { Ago, titleOfPlatform } from '../ui/marks';
import { Card, Fault, Loaded, Notice, Page, Section } from '../ui/page';
import { QrCode } from '../ui/qr';

type PlatformReport = Schemas['PlatformList']['platforms'][number];
type Invitation = Schemas['Invitation'];

/** Connects an account: which platform, what it shall do, a link, and the result as it happens. */
export function Connect() {
  const { platform: chosen, account } = useSearch({ from: '/connect' });
  const navigate = useNavigate({ from: '/connect' });
  const query = useQuery({
    queryKey: ['platforms'],
    queryFn: () => take(api.GET('/api/v1/platforms')),
  });
  return (
    <Page
      title={account ? 'Reconnect an account' : 'Connect an account'}
      lead="You choose what the account shall do. The person who owns it agrees at the platform, on this screen or by a link."
    >
      <Loaded query={query}>
        {({ platforms }) => {
          const platform = platforms.find((one) => one.platform === chosen);
          return (
            <>
              <Section title="1. Platform">
                <div className="grid gap-3 sm:grid-cols-3">
                  {platforms.map(({ platform: name, title, state }) => (
                    <button
                      key={name}
                      type="button"
                      aria-pressed={name === chosen}
                      onClick={() =>
                        void navigate({
                          search: {
                            platform: name,
                            account: name === chosen ? account : undefined,
                          },
                        })
                      }
                      className="card p-4 text-left hover:bg-sunken aria-pressed:border-accent aria-pressed:bg-accent-soft"
                    >
                      <span className="font-medium">{title}</span>
                      <br />
                      <span className="text-sm text-soft">
                        {state === 'ready' ? 'Ready to connect' : 'Not set up yet'}
                      </span>
                    </button>
                  ))}
                </div>
              </Section>
              {platform && !isReady(platform) && <Setup platform={platform} />}
              {platform && isReady(platform) && (
                <Groups key={platform.platform} platform={platform} account={account} />
              )}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

const isReady = ({ state, missing_to_connect: missing }: PlatformReport): boolean =>
  state === 'ready' && missing.length === 0;

/** What an operator has to do before anybody can connect. */
function Setup({ platform }: { platform: PlatformReport }) {
  return (
    <Notice tone="warn" title={`${platform.title} is not set up`}>
      <p>{platform.what_to_do || 'Set these variables and start the gateway again:'}</p>
      <ul className="my-2 grid gap-1">
        {[...new Set([...platform.missing, ...platform.missing_to_connect])].map((name) => (
          <li key={name}>
            <code>{name}</code>
          </li>
        ))}
      </ul>
      {platform.redirect_uri && (
        <p>
          Register this redirect address at {platform.title}: <code>{platform.redirect_uri}</code>
        </p>
      )}
    </Notice>
  );
}

const EXPIRIES = [
  ['3600', 'One hour'],
  ['86400', 'One day'],
  ['604800', 'One week'],
] as const;

function Groups({ platform, account }: { platform: PlatformReport; account: string | undefined }) {
  const [groups, setGroups] = useState<ReadonlySet<string>>(
    new Set(platform.groups.map(({ name }) => name)),
  );
  const [expiry, setExpiry] = useState<string>('86400');
  const [invitation, setInvitation] = useState<Invitation>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const toggle = (name: string) => {
    const next = new Set(groups);
    if (!next.delete(name)) next.add(name);
    setGroups(next);
  };
  const invite = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setInvitation(
        await take(
          api.POST('/api/v1/oauth/invitations', {
            body: {
              platform: platform.platform,
              ...(account && { account_id: account }),
              ...(groups.size < platform.groups.length && { groups: [...groups] }),
              expires_in: Number(expiry),
            },
          }),
        ),
      );
    } catch (fault) {
      setError(fault);
    } finally {
      setBusy(false);
    }
  };
  if (invitation)
    return <LinkAndResult invitation={invitation} onAgain={() => setInvitation(undefined)} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void invite();
      }}
    >
      <Section
        title="2. What it shall do"
        actions={
          <Button
            size="small"
            onClick={() =>
              setGroups(
                groups.size === platform.groups.length
                  ? new Set()
                  : new Set(platform.groups.map(({ name }) => name)),
              )
            }
          >
            {groups.size === platform.groups.length ? 'Choose none' : 'Choose all'}
          </Button>
        }
      >
        <Card className="grid gap-3 sm:grid-cols-2">
          {platform.groups.map(({ name, summary, actions, scopes, permissions }) => (
            <CheckBox
              key={name}
              label={showName(name)}
              hint={
                <details>
                  <summary>
                    {summary}: {showCount(actions, 'action')}
                  </summary>
                  {[...scopes, ...permissions].map((scope) => (
                    <code key={scope} className="block break-all">
                      {scope}
                    </code>
                  ))}
                </details>
              }
              checked={groups.has(name)}
              onChange={() => toggle(name)}
            />
          ))}
        </Card>
      </Section>
      <Section title="3. A link">
        {error !== undefined && <Fault error={error} />}
        <div className="flex flex-wrap items-end gap-3">
          <div className="w-44">
            <Field label="The link works for">
              {(control) => (
                <Select
                  {...control}
                  value={expiry}
                  onChange={(event) => setExpiry(event.target.value)}
                  options={EXPIRIES}
                />
              )}
            </Field>
          </div>
          <Button type="submit" kind="primary" busy={busy} disabled={groups.size === 0}>
            Make the link
          </Button>
        </div>
      </Section>
    </form>
  );
}

const ENDED = new Set(['done', 'failed', 'expired', 'revoked']);

function LinkAndResult({ invitation, onAgain }: { invitation: Invitation; onAgain: () => void }) {
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ['invitation', invitation.id],
    initialData: invitation,
    queryFn: () =>
      take(api.GET('/api/v1/oauth/invitations/{id}', { params: { path: { id: invitation.id } } })),
    refetchInterval: ({ state }) => (ENDED.has(state.data?.state ?? '') ? false : 1_000),
  });
  const { state, account_id: account, error } = query.data;
  useEffect(() => {
    if (state === 'done') void queries.invalidateQueries({ queryKey: ['accounts'] });
  }, [state, queries]);
  const address = invitation.url ?? '';
  return (
    <Section title="3. A link">
      <Card className="grid gap-5 sm:grid-cols-[auto_minmax(0,1fr)]">
        <QrCode text={address} />
        <div>
          <p>
            Open it here if the account is yours, or send it to its owner. No sign-in is needed. It
            works once, until <Ago moment={invitation.expires_at} />.
          </p>
          <p className="my-3 rounded-lg border border-line bg-sunken p-2">
            <code className="break-all">{address}</code>
          </p>
          <div className="flex flex-wrap gap-2">
            <a
              href={address}
              target="_blank"
              rel="noreferrer"
              className={buttonLook({ kind: 'primary' })}
            >
              Open the link
            </a>
            <CopyButton text={address} label="Copy the link" />
          </div>
        </div>
      </Card>
      <div className="mt-4" aria-live="polite">
        {state === 'done' && account ? (
          <Notice tone="good" title="Connected">
            <Link
              to="/accounts/$platform/$account"
              params={{ platform: invitation.platform, account }}
              className="link"
            >
              Open the account
            </Link>
          </Notice>
        ) : state === 'failed' || state === 'expired' || state === 'revoked' ? (
          <Notice tone="bad" title={`The link ended: ${state}`}>
            {error}
          </Notice>
        ) : (
          <Notice title={state === 'opened' ? 'The link was opened' : 'Waiting for the person'}>
            {state === 'opened'
              ? `The person is at ${titleOfPlatform(invitation.platform)} now.`
              : 'The result appears here as soon as they have agreed.'}
          </Notice>
        )}
      </div>
      <div className="flex gap-2">
        <Button onClick={onAgain}>Make another link</Button>
        <ButtonLink to="/accounts">All accounts</ButtonLink>
      </div>
    </Section>
  );
}
