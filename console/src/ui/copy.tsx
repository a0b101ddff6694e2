import { useState } from 'react';
import { Button } from './button';

/** Copies a text; where the browser does not let it, the text is selected instead. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <Button
      size="small"
      onClick={() => {
        void navigator.clipboard?.writeText(text).then(() => setCopied(true));
      }}
      onBlur={() => setCopied(false)}
    >
      <span aria-live="polite">{copied ? 'Copied' : label}</span>
    </Button>
  );
}

/** Lines of code, with a button that copies them. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className="relative">
      <div className="absolute top-2 right-2">
        <CopyButton text={code} label="Copy" />
      </div>
      <pre
        tabIndex={0}
        aria-label={label}
        className="max-h-96 overflow-auto rounded-lg border border-line bg-sunken p-3 pr-20 text-[0.8125rem] break-words whitespace-pre-wrap"
      >
        {code}
      </pre>
    </div>
  );
}

/** Any value as JSON. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  return <CodeBlock code={JSON.stringify(value, null, 2)} label={label} />;
}
