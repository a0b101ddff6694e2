/** The one OAuth application that the simulated Twitch knows. It protects nothing. */
export const SANDBOX_CLIENT = {
  id: 'sandbox-twitch-client',
  secret: 'sandbox-twitch-secret-not-a-real-one',
} as const;
