import type { Schemas } from '../api/client';
import { describeBounds, kindOf, type Raw, type RawForm, type Schema } from '../lib/schema-form';
import { showName } from '../lib/format';
import { Field, Input, Select, TextArea } from './form';
import { Picker } from './picker';

export interface ReadContext {
  platform: string;
  account: string;
  /** Where the values of parameters can be chosen from, by parameter. */
  choices: Readonly<Record<string, Schemas['Choices']>>;
}

interface FieldsProps {
  schema: Schema;
  form: RawForm;
  faults: Readonly<Record<string, string>>;
  path?: string;
  onChange: (form: RawForm) => void;
  context: ReadContext;
  /** Parameters that most people need; the others are folded away. Left out, all are shown. */
  usual?: ReadonlySet<string>;
}

/** The controls for the parameters that a JSON Schema declares; what has to be given comes first. */
export function SchemaFields({
  schema,
  form,
  faults,
  path = '',
  onChange,
  context,
  usual,
}: FieldsProps) {
  const required = new Set(schema.required);
  const names = Object.keys(schema.properties ?? {});
  const isUsual = (name: string): boolean => required.has(name) || !usual || usual.has(name);
  const isNeeded = (name: string): boolean =>
    Object.keys(faults).some((place) => place.startsWith(path + name)) || Boolean(form[name]);
  const shown = [
    ...names.filter((name) => required.has(name)),
    ...names.filter((name) => !required.has(name) && isUsual(name)),
  ];
  const folded = names.filter((name) => !isUsual(name));
  const show = (name: string) => (
    <Parameter
      key={name}
      name={name}
      schema={schema.properties![name]!}
      required={required.has(name)}
      raw={form[name]}
      faults={faults}
      place={path + name}
      context={context}
      form={form}
      onChange={(raw) => onChange({ ...form, [name]: raw })}
    />
  );
  return (
    <div className="grid gap-4">
      {names.length === 0 && <p className="text-soft">It takes no parameters.</p>}
      {shown.map(show)}
      {folded.length > 0 && (
        <details
          open={folded.some(isNeeded) || undefined}
          className="rounded-lg border border-line p-3"
        >
          <summary className="font-medium">
            {shown.length === 0 ? 'Parameters' : 'More parameters'} ({folded.length})
          </summary>
          <div className="mt-3 grid gap-4">{folded.map(show)}</div>
        </details>
      )}
    </div>
  );
}

function Parameter({
  name,
  schema,
  required,
  raw,
  faults,
  place,
  context,
  form,
  onChange,
}: {
  name: string;
  schema: Schema;
  required: boolean;
  raw: Raw | undefined;
  faults: Readonly<Record<string, string>>;
  place: string;
  context: ReadContext;
  form: RawForm;
  onChange: (raw: Raw) => void;
}) {
  const kind = kindOf(schema);
  const label = <span title={place}>{showName(name)}</span>;
  const bounds = describeBounds(schema);
  const hint = [schema.description, bounds].filter(Boolean).join(' · ');
  if (kind === 'group')
    return (
      <fieldset className="rounded-lg border border-line p-3">
        <legend className="px-1 text-sm font-medium">{label}</legend>
        {schema.description && (
          <p className="mb-3 text-[0.8125rem] text-soft">{schema.description}</p>
        )}
        <SchemaFields
          schema={schema}
          form={typeof raw === 'object' ? raw : {}}
          faults={faults}
          path={`${place}.`}
          context={context}
          onChange={onChange}
        />
      </fieldset>
    );
  const value = typeof raw === 'string' ? raw : '';
  const set = (event: { target: { value: string } }) => onChange(event.target.value);
  const example = schema.examples?.[0];
  const placeholder =
    example === undefined || typeof example === 'object' ? undefined : String(example);
  return (
    <Field label={label} hint={hint} required={required} error={faults[place]}>
      {(control) => {
        switch (kind) {
          case 'flag':
            return (
              <Select
                {...control}
                value={value}
                onChange={set}
                options={[
                  ['', 'Not set'],
                  ['true', 'Yes'],
                  ['false', 'No'],
                ]}
              />
            );
          case 'choice':
            return (
              <Select
                {...control}
                value={value}
                onChange={set}
                options={[['', 'Not set'], ...schema.enum!.map((choice) => String(choice))]}
              />
            );
          case 'long':
            return <TextArea {...control} value={value} onChange={set} placeholder={placeholder} />;
          case 'lines':
            return (
              <TextArea {...control} value={value} onChange={set} placeholder="One in each line" />
            );
          case 'json':
            return (
              <TextArea
                {...control}
                value={value}
                onChange={set}
                spellCheck={false}
                className="font-mono text-sm"
                placeholder={schema.type === 'array' ? '[ … ] as JSON' : '{ … } as JSON'}
              />
            );
          case 'number':
            return (
              <Input
                {...control}
                inputMode="numeric"
                value={value}
                onChange={set}
                placeholder={placeholder}
              />
            );
          default:
            return context.choices[place] ? (
              <Picker
                control={control}
                value={value}
                onChange={onChange}
                from={context.choices[place]}
                context={context}
                form={form}
                placeholder={placeholder}
              />
            ) : (
              <Input {...control} value={value} onChange={set} placeholder={placeholder} />
            );
        }
      }}
    </Field>
  );
}
