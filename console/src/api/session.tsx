import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { Dialog } from '../ui/dialog';
import { Fault, Loading } from '../ui/page';
import { SignInForm } from '../screens/sign-in';
import { api, ApiProblem, type Schemas, take, useSessionHooks } from './client';

export type Session = Schemas['Session'];
type Permission = Schemas['CreateCaller']['permissions'][number];

interface SessionState {
  session: Session;
  signOut: () => Promise<void>;
  may: (permission: Permission) => boolean;
}

const Context = createContext<SessionState | undefined>(undefined);

/** The session of the person at the browser; only rendered where there is one. */
export function useSession(): SessionState {
  const state = useContext(Context);
  if (!state) throw new Error('There is no session around this');
  return state;
}

interface Waiting {
  resolve: () => void;
  reject: (fault: unknown) => void;
}

/** The code of a one-time link is in the part of the address that no server sees. */
function takeCode(): string | undefined {
  const code = new URLSearchParams(window.location.hash.slice(1)).get('code') ?? undefined;
  if (code !== undefined)
    window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return code;
}

/** Signs in, keeps the session's token against forged requests, and asks again when the session ends. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [session, setSession] = useState<Session | null>();
  const [fault, setFault] = useState<unknown>();
  const [asking, setAsking] = useState(false);
  const current = useRef<Session | null>(null);
  const waiting = useRef<Waiting[]>([]);
  const started = useRef(false);

  const enter = useCallback((next: Session) => {
    current.current = next;
    setSession(next);
    setFault(undefined);
    setAsking(false);
    for (const { resolve } of waiting.current.splice(0)) resolve();
  }, []);

  useSessionHooks({
    csrfToken: () => current.current?.csrf_token,
    signInAgain: () =>
      new Promise((resolve, reject) => {
        waiting.current.push({ resolve, reject });
        setAsking(true);
      }),
  });

  const load = useCallback(async () => {
    const code = takeCode();
    try {
      const found = code
        ? await take(api.POST('/api/v1/session', { body: { code } }))
        : await take(api.GET('/api/v1/session'));
      enter(found);
    } catch (error) {
      if (!code && error instanceof ApiProblem && error.status === 401) setFault(undefined);
      else setFault(error);
      setSession(null);
    }
  }, [enter]);

  useEffect(() => {
    // A one-time code must not be sent twice, though React runs effects twice while developing.
    if (started.current) return;
    started.current = true;
    void load();
  }, [load]);

  const state = useMemo<SessionState | undefined>(
    () =>
      session
        ? {
            session,
            may: (permission) => session.caller.permissions.includes(permission),
            signOut: async () => {
              await take(api.DELETE('/api/v1/session'));
              current.current = null;
              queries.clear();
              setSession(null);
            },
          }
        : undefined,
    [session, queries],
  );

  if (session === undefined) return <Loading />;
  if (!state)
    return (
      <main className="grid min-h-screen place-items-center p-4">
        <div className="card w-full max-w-md p-6">
          <h1 className="mb-1 text-xl font-semibold">Sign in to the action gateway</h1>
          {fault !== undefined && <Fault error={fault} />}
          <SignInForm onDone={enter} />
        </div>
      </main>
    );
  const giveUp = () => {
    setAsking(false);
    for (const { reject } of waiting.current.splice(0))
      reject(new ApiProblem(401, 'Your session has ended. Sign in again to go on.'));
  };
  return (
    <Context.Provider value={state}>
      {children}
      <Dialog open={asking} onClose={giveUp} title="Your session has ended">
        <p className="mb-3 text-soft">
          Sign in again to go on. What you typed is still there, and what you sent is sent again.
        </p>
        <SignInForm onDone={enter} keepPage />
      </Dialog>
    </Context.Provider>
  );
}
