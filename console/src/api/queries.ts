import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, take } from './client';

/** Where things are and whether the platforms are simulated; it holds while the process runs. */
const addresses = queryOptions({
  queryKey: ['addresses'],
  queryFn: () => take(api.GET('/', { headers: { accept: 'application/json' } })),
  staleTime: Number.POSITIVE_INFINITY,
});

export function useIsSandbox(): boolean {
  return useQuery(addresses).data?.sandbox ?? false;
}

/** Every action without its schemas. */
export const catalogue = queryOptions({
  queryKey: ['catalogue'],
  queryFn: () => take(api.GET('/api/v1/catalog', { params: { query: { view: 'summary' } } })),
  staleTime: 60_000,
});

/** One action with its schemas. */
export const oneAction = (platform: string, action_type: string) =>
  queryOptions({
    queryKey: ['catalogue', platform, action_type],
    queryFn: async () => {
      const { actions } = await take(
        api.GET('/api/v1/catalog/{platform}/{action_type}', {
          params: { path: { platform, action_type } },
        }),
      );
      return actions[0]!;
    },
    staleTime: 60_000,
  });

export const accounts = queryOptions({
  queryKey: ['accounts'],
  queryFn: () => take(api.GET('/api/v1/accounts')),
});

export const limits = queryOptions({
  queryKey: ['limits'],
  queryFn: () => take(api.GET('/api/v1/limits')),
  refetchInterval: 5_000,
});

export const flags = queryOptions({
  queryKey: ['flags'],
  queryFn: () => take(api.GET('/api/v1/flags')),
});

export const callers = queryOptions({
  queryKey: ['callers'],
  queryFn: () => take(api.GET('/api/v1/callers')),
});

export const stats = queryOptions({
  queryKey: ['stats'],
  queryFn: () => take(api.GET('/api/v1/stats')),
  refetchInterval: 5_000,
});
