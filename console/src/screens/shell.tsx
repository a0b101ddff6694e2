import { Dialog } from '@base-ui/react/dialog';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useIsSandbox } from '../api/queries';
import { useSession } from '../api/session';
import { Button, ButtonLink } from '../ui/button';
import { Page } from '../ui/page';

const GROUPS = [
  {
    title: 'Work',
    links: [
      ['/', 'Today'],
      ['/catalogue', 'Catalogue'],
      ['/actions', 'Actions'],
      ['/queue', 'Scheduled and queued'],
    ],
  },
  {
    title: 'Connections',
    links: [
      ['/accounts', 'Accounts'],
      ['/callbacks', 'Callbacks'],
      ['/limits', 'Limits'],
    ],
  },
  {
    title: 'Control',
    links: [
      ['/callers', 'Callers and keys'],
      ['/flags', 'Switches'],
      ['/events', 'Admin events'],
    ],
  },
] as const;

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

function readTheme(): Theme {
  const kept = window.localStorage.getItem('theme');
  return THEMES.find((theme) => theme === kept) ?? 'system';
}

function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
applyTheme(readTheme());

function ThemeButton() {
  const [theme, setTheme] = useState(readTheme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  return (
    <Button
      kind="quiet"
      size="small"
      aria-label={`Colours: ${theme}. Change to ${next}`}
      onClick={() => {
        window.localStorage.setItem('theme', next);
        applyTheme(next);
        setTheme(next);
      }}
    >
      {{ system: '◐ System', light: '○ Light', dark: '● Dark' }[theme]}
    </Button>
  );
}

function Navigation({ onLeave }: { onLeave?: () => void }) {
  const isSandbox = useIsSandbox();
  const look =
    'block rounded-lg px-3 py-1.5 text-soft hover:bg-sunken hover:text-text aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent';
  return (
    <nav aria-label="Screens" className="grid gap-5">
      {GROUPS.map(({ title, links }) => (
        <div key={title}>
          <p className="px-3 pb-1 text-xs font-semibold tracking-wide text-soft uppercase">
            {title}
          </p>
          <ul>
            {links.map(([to, label]) => (
              <li key={to}>
                <Link
                  to={to}
                  className={look}
                  activeOptions={{ exact: to === '/', includeSearch: false }}
                  onClick={onLeave}
                >
                  {label}
                </Link>
              </li>
            ))}
            {title === 'Control' && isSandbox && (
              <li>
                <Link to="/sandbox" className={look} onClick={onLeave}>
                  Sandbox
                </Link>
              </li>
            )}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function Person() {
  const { session, signOut } = useSession();
  return (
    <div className="border-t border-line pt-3 text-sm">
      <p className="truncate px-3 text-soft" title={session.caller.id}>
        {session.caller.id}
      </p>
      <div className="mt-1 flex items-center justify-between">
        <Button kind="quiet" size="small" onClick={() => void signOut()}>
          Sign out
        </Button>
        <ThemeButton />
      </div>
    </div>
  );
}

function Brand() {
  return (
    <Link to="/" className="flex items-center gap-2 px-3 font-semibold">
      <span
        aria-hidden="true"
        className="grid size-6 place-items-center rounded-md bg-accent text-on-accent"
      >
        ⇄
      </span>
      Action gateway
    </Link>
  );
}

function Drawer({ children }: { children: (close: () => void) => ReactNode }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className="rounded-lg border border-strong px-3 py-1.5 font-medium">
        Menu
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.5)]" />
        <Dialog.Popup className="fixed inset-y-0 left-0 z-50 flex w-72 max-w-[85vw] flex-col gap-4 overflow-y-auto bg-raised p-4">
          <div className="flex items-center justify-between">
            <Dialog.Title className="font-semibold">Menu</Dialog.Title>
            <Dialog.Close className="rounded-lg px-3 py-1.5 hover:bg-sunken">Close</Dialog.Close>
          </div>
          {children(close)}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What is around every screen. */
export function Shell() {
  const isSandbox = useIsSandbox();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const [first, setFirst] = useState(path);
  useEffect(() => {
    // Keyboards and screen readers go on at the new screen, not in the menu of the former.
    if (path === first) return;
    setFirst(path);
    document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
  }, [path, first]);
  return (
    <div className="min-h-screen lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#screen"
        className="absolute -left-96 z-50 rounded-lg bg-raised px-4 py-2 focus:top-3 focus:left-3"
      >
        Skip the menu
      </a>
      <aside className="sticky top-0 hidden h-screen flex-col gap-6 overflow-y-auto border-r border-line bg-raised px-3 py-5 lg:flex">
        <Brand />
        <div className="grow">
          <Navigation />
        </div>
        <Person />
      </aside>
      <header className="sticky top-0 z-30 flex items-center justify-between border-b border-line bg-raised px-3 py-2 lg:hidden">
        <Brand />
        <Drawer>
          {(close) => (
            <>
              <div className="grow">
                <Navigation onLeave={close} />
              </div>
              <Person />
            </>
          )}
        </Drawer>
      </header>
      <main id="screen" tabIndex={-1} className="min-w-0 outline-none">
        {isSandbox && (
          <p className="bg-warn-soft px-4 py-1.5 text-center text-sm text-warn">
            Sandbox: the platforms are simulated. Nothing leaves this machine.
          </p>
        )}
        <Outlet />
      </main>
    </div>
  );
}

export function NotFound() {
  return (
    <Page title="There is no such screen" lead="The address is wrong, or what it named is gone.">
      <ButtonLink to="/" kind="primary">
        Go to today
      </ButtonLink>
    </Page>
  );
}
