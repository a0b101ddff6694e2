/** The one OAuth application that the simulated Google knows. It protects nothing. */
export const SANDBOX_GOOGLE_CLIENT = {
  id: 'sandbox-google-client',
  secret: 'sandbox-google-secret-not-a-real-one',
} as const;
