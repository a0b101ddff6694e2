import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A connected account. Tokens are ciphertext of the vault; their version grows with every change. */
@Entity({ name: 'accounts' })
export class AccountRow {
  @PrimaryColumn('text')
  platform!: string;

  @PrimaryColumn('text')
  account_id!: string;

  @Column('text', { default: '' })
  login!: string;

  /** The tenant it belongs to; empty for the operator of the gateway. */
  @Column('text', { default: '' })
  owner!: string;

  /** Null for an account whose tokens an outside service holds. */
  @Column('text', { nullable: true })
  access_token!: string | null;

  /** The name by which that service knows them. */
  @Column('text', { nullable: true })
  credential_ref!: string | null;

  @Column('text', { nullable: true })
  refresh_token!: string | null;

  @Column('text', { array: true, default: () => "'{}'" })
  scopes!: string[];

  @Column('timestamptz', { nullable: true })
  expires_at!: Date | null;

  /** Why a person has to connect the account again; null while it works. */
  @Column('text', { nullable: true })
  reconnect_reason!: string | null;

  /** The OAuth client that its grant was given to; null for the one of the configuration. */
  @Column('text', { nullable: true })
  client_id!: string | null;

  @Column('text', { nullable: true })
  client_secret!: string | null;

  /** Tells it from an earlier row of the same account, whose versions began at 1 as well. */
  @Column('uuid', { default: () => 'gen_random_uuid()' })
  row_id!: string;

  @Column('integer', { default: 1 })
  version!: number;

  /** The replica that refreshes it now, and the end of its lease. */
  @Column('uuid', { nullable: true })
  refresh_holder!: string | null;

  @Column('timestamptz', { nullable: true })
  refresh_until!: Date | null;

  /** Renewals begun with this refresh token whose end is unknown, including the one under way. */
  @Column('integer', { default: 0 })
  refresh_attempts!: number;

  @Column('timestamptz', { nullable: true })
  refreshed_at!: Date | null;

  @Column('timestamptz', { nullable: true })
  validated_at!: Date | null;

  /** The version of the credential that the platform has not accepted yet; others count as verified. */
  @Column('integer', { nullable: true })
  unverified_version!: number | null;

  /** The scopes are the word of the caller or of an import, not of the platform. */
  @Column('boolean', { default: false })
  scopes_claimed!: boolean;

  /** When the platform is asked next about an unverified credential; null for as soon as possible. */
  @Column('timestamptz', { nullable: true })
  verify_at!: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  created_at!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updated_at!: Date;
}
