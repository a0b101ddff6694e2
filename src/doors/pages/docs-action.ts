import { nameSwitches } from '../../safeguards/flags.js';
import {
  buildExampleEnvelope,
  type DocumentedAction,
  nameAction,
} from '../contracts/documented-action.js';
import { type FieldRow, listFieldRows } from '../contracts/field-rows.js';
import { layOutJson } from '../contracts/lay-out-json.js';
import { writeCurl } from '../contracts/samples.js';
import { type Html, html } from './html.js';

/** The form that searches the actions; it works without scripts. */
export function renderSearch(text = ''): Html {
  return html`<form class="search" role="search" action="/docs/search">
    <label for="q">Search the actions</label>
    <input id="q" type="search" name="q" maxlength="100" required value="${text}" />
    <button>Search</button>
  </form>`;
}

/** An action as a part of the page of all actions. */
export function renderAction(action: DocumentedAction, url: string): Html {
  const name = nameAction(action);
  return html`<article id="${name}">
    <h4>
      <a class="anchor" href="#${name}">${name}</a>
      ${renderBadges(action)}
    </h4>
    <p>
      ${action.summary}. <a class="outward" href="${action.docs_url}">The platform's own page</a> ·
      <a href="/docs/actions/${action.platform}/${action.action_type}">alone</a>
    </p>
    ${renderDetails(action, url, (text) => html`<h5>${text}</h5>`)}
  </article>`;
}

/** What kind of action it is, and whether it is on. */
export function renderBadges(action: DocumentedAction): Html {
  return html`<span class="badge ${action.effect}">${action.effect}</span>
    ${action.repeatable && html`<span class="badge">repeatable</span>`}
    ${!action.enabled && html`<span class="badge off">switched off</span>`}`;
}

/** Who acts, what it takes and gives, and an example. @param head makes a heading of the right level */
export function renderDetails(
  action: DocumentedAction,
  url: string,
  head: (text: string) => Html,
): Html {
  const { platform, group, action_type: type, example, calls, cost } = action;
  return html` <dl class="facts">
      ${
        action.permissions.length > 0
          ? fact('Permissions', listCode(action.permissions))
          : fact('Scopes', action.scopes.length > 0 ? listCode(action.scopes) : 'none')
      }
      ${fact(
        'Who acts',
        action.takes_actor
          ? html`the account, or another one named in <code>actor_id</code>`
          : 'the account itself alone',
      )}
      ${action.unsupported && fact('Never sent', action.unsupported)}
      ${calls && fact('Calls', listCode(calls))}
      ${cost && fact('Cost', `${cost.unit}: ${cost.units}`)}
      ${fact('Switches', listCode(nameSwitches({ platform, group, type })))}
    </dl>
    ${head('Parameters')} ${renderFields(listFieldRows(action.input_schema), true)}
    ${head('Result')} ${renderFields(listFieldRows(action.output_schema), false)} ${head('Example')}
    ${renderCode(writeCurl(`${url}/api/v1/actions/execute`, buildExampleEnvelope(action)))}
    <p class="then">gives in <code>result_data</code></p>
    ${renderCode(layOutJson(example.output))}`;
}

function fact(name: string, content: Html | string): Html {
  return html`<dt>${name}</dt>
    <dd>${content}</dd>`;
}

function listCode(words: readonly string[]): Html {
  return html`${words.map((word, index) => html`${index > 0 && ' '}<code>${word}</code>`)}`;
}

/** A table of fields. */
export function renderFields(rows: readonly FieldRow[], isInput: boolean): Html {
  if (rows.length === 0) return html`<p class="none">None.</p>`;
  return html`<div class="scroll" tabindex="0">
    <table class="fields">
      <thead>
        <tr>
          <th>Name</th>
          <th>Type</th>
          ${isInput && html`<th>Needed</th>`}
          <th>Description</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              <td><code>${row.name}</code></td>
              <td>${row.type}</td>
              ${isInput && html`<td>${showNeed(row)}</td>`}
              <td>
                ${row.description}${!isInput && !row.required && ' (not always there)'}
                ${row.limits !== '' && html`<span class="limits">${row.limits}</span>`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function showNeed(row: FieldRow): Html {
  if (row.required) return html`<strong>required</strong>`;
  return row.default === undefined ? html`optional` : html`default <code>${row.default}</code>`;
}

/** A block of code, which the keyboard can scroll. */
export function renderCode(text: string): Html {
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}
