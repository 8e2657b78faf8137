'use strict';

// Text is only ever set as text: nothing of the document becomes markup.
function element(name, text, className) {
  const node = document.createElement(name);
  if (text) node.textContent = text;
  if (className) node.className = className;
  return node;
}

function resolve(spec, node) {
  if (!node || !node.$ref) return node;
  return node.$ref.slice(2).split('/').reduce((at, key) => at && at[key], spec);
}

function typeOf(schema) {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').pop();
  const some = schema.oneOf || schema.anyOf || schema.allOf;
  if (some) return some.map(typeOf).join(' or ');
  if (schema.type === 'array') return `${typeOf(schema.items)}[]`;
  const type = [].concat(schema.type || 'any').join(' or ');
  return schema.format ? `${type} (${schema.format})` : type;
}

function table(headings, rows) {
  const node = element('table');
  const head = node.createTHead().insertRow();
  for (const heading of headings) head.append(element('th', heading));
  const body = node.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((text, column) => {
      const cell = line.insertCell();
      cell.append(element(column === 0 ? 'code' : 'span', text));
    });
  }
  return node;
}

function fieldsOf(spec, schema) {
  const found = resolve(spec, schema) || {};
  const parts = found.allOf ? found.allOf.map((part) => resolve(spec, part)) : [found];
  return parts.flatMap((part) =>
    Object.entries(part.properties || {}).map(([name, field]) => [
      name,
      typeOf(field),
      (part.required || []).includes(name) ? 'always' : 'sometimes',
      field.description || (resolve(spec, field) || {}).description || '',
    ]),
  );
}

function example(path, verb, operation, spec) {
  const needs = JSON.stringify(operation.security || []);
  const query = (operation.parameters || [])
    .map((parameter) => resolve(spec, parameter))
    .filter((parameter) => parameter.in === 'query' && parameter.required)
    .map((parameter) => `${parameter.name}=${parameter.name.toUpperCase()}`)
    .join('&');
  const lines = [`curl ${verb === 'post' ? '-X POST ' : ''}'${location.origin}${path}${query ? `?${query}` : ''}'`];
  if (needs.includes('spacesKey')) lines.push('-H "X-Spaces-Key: $KEY"', '-H "X-Spaces-Secret: $SECRET"');
  if (needs.includes('operatorKey')) lines.push('-H "X-API-Key: $APP_API_KEY"');
  return lines.join(' \\\n  ');
}

function route(spec, path, verb, operation) {
  const box = element('details');
  box.id = operation.operationId;
  const summary = element('summary');
  summary.append(element('span', verb.toUpperCase(), 'verb'), element('span', path, 'path'));
  summary.append(element('span', operation.summary, 'quiet'));
  const inner = element('div', '', 'route');
  if (operation.description) inner.append(element('p', operation.description));
  const parameters = (operation.parameters || []).map((parameter) => resolve(spec, parameter));
  if (parameters.length > 0) {
    inner.append(element('h3', 'In'));
    inner.append(
      table(
        ['Name', 'Where', 'Type', 'What it is'],
        parameters.map((p) => [p.name, `${p.in}${p.required ? ', required' : ''}`, typeOf(p.schema), p.description || '']),
      ),
    );
  }
  const answer = operation.responses['200'].content['application/json'].schema;
  const fields = fieldsOf(spec, answer);
  if (fields.length > 0) {
    inner.append(element('h3', 'Out'), table(['Field', 'Type', 'There', 'What it is'], fields));
  }
  inner.append(element('h3', 'Try it'), element('pre', example(path, verb, operation, spec)));
  box.append(summary, inner);
  return box;
}

async function show() {
  const routes = document.getElementById('routes');
  try {
    const answer = await fetch('/openapi.json');
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const spec = await answer.json();
    const boxes = Object.entries(spec.paths).flatMap(([path, verbs]) =>
      Object.entries(verbs).map(([verb, operation]) => route(spec, path, verb, operation)),
    );
    routes.replaceChildren(...boxes, element('h3', 'Errors'), element('p', spec.components.responses.Problem.description));
    routes.append(table(['Field', 'Type', 'There', 'What it is'], fieldsOf(spec, spec.components.schemas.Problem)));
    const wanted = location.hash && document.getElementById(location.hash.slice(1));
    if (wanted) wanted.open = true;
  } catch (error) {
    routes.replaceChildren(element('p', `The document can't be shown: ${error.message}`));
  }
}

show();
