import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link, type LinkProps } from '@tanstack/react-router';

const KINDS = {
  primary: 'bg-accent text-on-accent border-accent hover:opacity-90',
  plain: 'bg-raised text-text border-strong hover:bg-sunken',
  danger: 'bg-raised text-bad border-bad hover:bg-bad-soft',
  quiet: 'bg-transparent text-text border-transparent hover:bg-sunken',
} as const;
const SIZES = { normal: 'min-h-9.5 px-3.5', small: 'min-h-7.5 px-2.5 text-[0.8125rem]' } as const;

interface Look {
  kind?: keyof typeof KINDS;
  size?: keyof typeof SIZES;
}

export function buttonLook({ kind = 'plain', size = 'normal' }: Look): string {
  return `inline-flex items-center justify-center gap-1.5 rounded-lg border font-medium whitespace-nowrap transition-colors disabled:opacity-55 ${KINDS[kind]} ${SIZES[size]}`;
}

/** A button; while `busy`, it cannot be pressed again. */
export function Button({
  kind,
  size,
  busy = false,
  className = '',
  children,
  ...rest
}: Look & { busy?: boolean; children: ReactNode } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      {...rest}
      disabled={busy || rest.disabled}
      aria-busy={busy || undefined}
      className={`${buttonLook({ kind, size })} ${className}`}
    >
      {children}
      {busy && <span aria-hidden="true">…</span>}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({ kind, size, ...rest }: Look & LinkProps & { children: ReactNode }) {
  return <Link {...rest} className={buttonLook({ kind, size })} />;
}
