"use strict";

const VERBS = ["get", "post", "put", "patch", "delete"];

function made(tag, text, ...children) {
  const element = document.createElement(tag);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

function resolved(api, schema) {
  const path = schema && schema.$ref;
  return path ? path.slice(2).split("/").reduce((at, key) => at[key], api) : schema;
}

/** The name of a schema's type, as short as it can be said. */
function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const options = schema.anyOf || schema.oneOf;
  if (options) return options.map(typeOf).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `${typeOf(schema.items)}[]`;
  return schema.format ? `${schema.type} (${schema.format})` : schema.type || "any";
}

function table(title, rows) {
  const body = made("tbody");
  for (const cells of rows) body.append(made("tr", "", ...cells.map((cell) => made("td", cell))));
  return made("section", "", made("h3", title), made("table", "", body));
}

function fields(api, title, schema) {
  const whole = resolved(api, schema) || {};
  const required = new Set(whole.required || []);
  const rows = Object.entries(whole.properties || {}).map(([name, field]) => [
    required.has(name) ? `${name} *` : name,
    typeOf(field),
    field.description || "",
  ]);
  return table(rows.length ? title : `${title}: ${typeOf(schema)}`, rows);
}

function endpoint(api, path, verb, operation) {
  const parts = [made("p", operation.description || operation.summary || "")];
  const parameters = (operation.parameters || []).map((one) => resolved(api, one));
  if (parameters.length) {
    const rows = parameters.map((one) => [
      one.required ? `${one.name} *` : one.name,
      `${one.in}: ${typeOf(one.schema)}`,
      one.description || "",
    ]);
    parts.push(table("Parameters", rows));
  }
  for (const [type, content] of Object.entries((operation.requestBody || {}).content || {}))
    parts.push(fields(api, `Body (${type})`, content.schema));
  for (const [status, answer] of Object.entries(operation.responses || {}))
    for (const [type, content] of Object.entries(answer.content || { "": {} }))
      parts.push(fields(api, `${status} ${answer.description || ""} ${type}`.trim(), content.schema));
  const verbText = made("span", verb.toUpperCase());
  verbText.className = "verb";
  const summary = made("summary", "", verbText, ` ${path}`);
  const details = made("details", "", summary, ...parts);
  details.dataset.text = `${verb} ${path} ${operation.summary || ""} ${operation.description || ""}`.toLowerCase();
  return details;
}

async function show() {
  const place = document.getElementById("endpoints");
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new Error(`the description could not be read: ${answer.status}`);
  const api = await answer.json();
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths))
    for (const verb of VERBS)
      if (item[verb]) {
        const tag = (item[verb].tags || ["other"])[0];
        if (!groups.has(tag)) groups.set(tag, [made("h2", tag)]);
        groups.get(tag).push(endpoint(api, path, verb, item[verb]));
      }
  place.replaceChildren(...[...groups.values()].map((parts) => made("section", "", ...parts)));
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase().trim();
    for (const details of place.querySelectorAll("details")) details.hidden = !details.dataset.text.includes(wanted);
  });
}

show().catch((error) => {
  document.getElementById("endpoints").textContent = String(error.message || error);
});
