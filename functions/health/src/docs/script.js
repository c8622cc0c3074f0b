// Draws openapi.json: groups, operations, parameters, schemas, and a form to try each operation.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const MAX_DEPTH = 6;
const byId = (id) => document.getElementById(id);

// Text always goes in as text, never as markup.
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== ""));
  return node;
}

class Api {
  constructor(document_) {
    this.document = document_;
  }

  resolve(value) {
    for (let hops = 0; value && value.$ref && hops < 16; hops++) {
      value = value.$ref.slice(2).split("/").reduce((at, key) => at && at[key.replace(/~1/g, "/").replace(/~0/g, "~")], this.document);
    }
    return value || {};
  }

  // [{ tag, operations: [{ id, method, path, operation }] }], in the order of the document. A PATCH that
  // only repeats its PUT is left out.
  groups() {
    const groups = new Map();
    for (const [path, item] of Object.entries(this.document.paths || {})) {
      for (const method of METHODS) {
        const operation = item[method];
        if (!operation || (method === "patch" && item.put)) continue;
        const tag = (operation.tags || ["other"])[0];
        if (!groups.has(tag)) groups.set(tag, []);
        groups.get(tag).push({ id: operation.operationId || `${method} ${path}`, method, path, operation });
      }
    }
    return [...groups].sort(([a], [b]) => a.localeCompare(b));
  }

  isPublic(operation) {
    const security = operation.security || this.document.security || [];
    return security.length === 0;
  }

  // The alternatives of a schema without null, and whether null is one.
  alternatives(schema) {
    const all = (schema.oneOf || schema.anyOf || []).map((each) => this.resolve(each));
    return { some: all.filter((each) => each.type !== "null"), nullable: all.some((each) => each.type === "null") };
  }

  // The schema with references, `allOf` and "this or null" taken out.
  plain(schema) {
    // What stands beside a reference describes this use of it.
    const beside = schema && schema.$ref ? schema.description : undefined;
    schema = this.resolve(schema);
    if (beside) schema = { ...schema, description: beside };
    const { some, nullable } = this.alternatives(schema);
    if (some.length === 1) return { ...this.plain(some[0]), nullable, description: schema.description || this.plain(some[0]).description };
    if (schema.allOf) {
      return schema.allOf.map((each) => this.plain(each)).reduce((merged, each) => ({
        ...merged, ...each,
        properties: { ...merged.properties, ...each.properties },
        required: [...(merged.required || []), ...(each.required || [])],
      }), { ...schema, allOf: undefined });
    }
    return schema;
  }

  typeOf(schema) {
    const name = schema && schema.$ref ? schema.$ref.split("/").pop() : "";
    const plain = this.plain(schema);
    const { some } = this.alternatives(plain);
    if (some.length > 1) return some.map((each) => this.typeOf(each)).join(" | ");
    const types = [].concat(plain.type || "any").filter((type) => type !== "null");
    const nullable = plain.nullable || [].concat(plain.type).includes("null");
    let text = types.map((type) => (type === "array" ? `list of ${this.typeOf(plain.items)}` : type)).join(" | ");
    if (plain.enum) text = plain.enum.map((value) => JSON.stringify(value)).join(" | ");
    else if (plain.format) text += ` (${plain.format})`;
    else if (name && !plain.properties) text += ` (${name})`;
    return nullable ? `${text} or null` : text;
  }

  limits(schema) {
    const plain = this.plain(schema);
    const words = { minLength: "at least %s characters", maxLength: "at most %s characters", minimum: "from %s", maximum: "up to %s", minItems: "at least %s elements", maxItems: "at most %s elements", pattern: "like %s", default: "usually %s" };
    return Object.entries(words).filter(([key]) => plain[key] !== undefined)
      .map(([key, text]) => text.replace("%s", () => (key === "default" ? JSON.stringify(plain[key]) : plain[key]))).join(", ");
  }

  // A body to begin with.
  example(schema, depth = 0) {
    const plain = this.plain(schema);
    const examples = plain.examples || [];
    if (plain.example !== undefined) return plain.example;
    if (examples.length) return examples[0];
    if (plain.default !== undefined) return plain.default;
    if (plain.enum) return plain.enum[0];
    if (depth > MAX_DEPTH) return null;
    const type = [].concat(plain.type || (plain.properties ? "object" : "any")).find((each) => each !== "null");
    switch (type) {
      case "object":
        return Object.fromEntries(Object.entries(plain.properties || {}).map(([key, value]) => [key, this.example(value, depth + 1)]));
      case "array": return [this.example(plain.items || {}, depth + 1)];
      case "integer": case "number": return plain.minimum || 0;
      case "boolean": return false;
      case "string": return plain.format === "date-time" ? "2026-01-31T09:30:00Z" : "";
      default: return null;
    }
  }
}

function paragraphs(text) {
  return (text || "").split(/\n\s*\n/).filter(Boolean).map((each) => el("p", {}, each.replace(/`/g, "")));
}

function schemaTable(api, schema, depth = 0) {
  const plain = api.plain(schema);
  const inner = [].concat(plain.type).includes("array") ? api.plain(plain.items || {}) : plain;
  const { some } = api.alternatives(inner);
  if (some.length > 1 && some.some((each) => api.plain(each).properties)) {
    return el("div", {}, some.map((each, place) => el("details", { class: "nested" }, el("summary", {}, `Form ${place + 1}`), schemaTable(api, each, depth + 1))));
  }
  if (!inner.properties) {
    return el("p", {}, el("span", { class: "type" }, api.typeOf(schema)), " ", plain.description || "");
  }
  const required = new Set(inner.required || []);
  const rows = Object.entries(inner.properties).map(([name, property]) => {
    const inside = api.plain(property);
    const nests = depth < MAX_DEPTH && (inside.properties || (inside.items && api.plain(inside.items).properties));
    return el("tr", {},
      el("td", {}, el("code", {}, name), required.has(name) ? el("span", { class: "must", title: "required" }, " *") : ""),
      el("td", {},
        el("span", { class: "type" }, api.typeOf(property)), " ", inside.description || "",
        el("div", { class: "type" }, api.limits(property)),
        nests ? el("details", { class: "nested" }, el("summary", {}, "its fields"), schemaTable(api, property, depth + 1)) : ""));
  });
  return el("table", {}, el("tbody", {}, rows));
}

function bodyOf(api, operation) {
  const content = api.resolve(operation.requestBody).content || {};
  const [type] = Object.keys(content);
  return type ? { type, schema: content[type].schema || {} } : null;
}

function parametersTable(api, parameters) {
  return el("table", {}, el("tbody", {}, parameters.map((parameter) => el("tr", {},
    el("td", {}, el("code", {}, parameter.name), parameter.required ? el("span", { class: "must", title: "required" }, " *") : ""),
    el("td", {}, el("span", { class: "badge" }, parameter.in), " ", el("span", { class: "type" }, api.typeOf(parameter.schema)), " ",
      parameter.description || api.plain(parameter.schema).description || "", el("div", { class: "type" }, api.limits(parameter.schema)))))));
}

function tryForm(api, { method, path, operation }, parameters) {
  const body = bodyOf(api, operation);
  const inputs = parameters.map((parameter) => ({ parameter, input: el("input", { name: parameter.name, required: parameter.required && parameter.in === "path", autocomplete: "off", spellcheck: "false" }) }));
  const isForm = body && body.type.startsWith("multipart/");
  const text = body && !isForm ? el("textarea", { spellcheck: "false" }, JSON.stringify(api.example(body.schema), null, 2)) : null;
  const parts = isForm ? Object.entries(api.plain(body.schema).properties || {}).map(([name]) => ({ name, input: el("input", { type: name === "file" ? "file" : "text" }) })) : [];
  const send = el("button", { type: "submit" }, "Send");
  const said = el("span", { role: "status" });
  const answer = el("pre", { hidden: true });

  async function submit(event) {
    event.preventDefault();
    send.disabled = true;
    said.textContent = "…";
    try {
      const headers = new Headers();
      const query = new URLSearchParams();
      let filled = path;
      for (const { parameter, input } of inputs) {
        if (parameter.in === "path") filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
        else if (input.value !== "") parameter.in === "header" ? headers.set(parameter.name, input.value) : query.append(parameter.name, input.value);
      }
      const token = byId("token").value.trim();
      if (token) headers.set("Authorization", `Bearer ${token}`);
      let payload;
      if (text) {
        headers.set("Content-Type", body.type);
        payload = text.value;
      } else if (isForm) {
        payload = new FormData();
        for (const { name, input } of parts) {
          if (input.type === "file") { if (input.files[0]) payload.append(name, input.files[0]); }
          else if (input.value !== "") payload.append(name, input.value);
        }
      }
      const begun = performance.now();
      const suffix = query.size ? `?${query}` : "";
      const response = await fetch(byId("server").value + filled + suffix, { method: method.toUpperCase(), headers, body: payload });
      const raw = await response.text();
      said.textContent = `${response.status} ${response.statusText} in ${Math.round(performance.now() - begun)} ms`;
      answer.hidden = false;
      answer.textContent = pretty(raw) || "(no body)";
      keepToken(raw);
    } catch (error) {
      said.textContent = `The request did not get through: ${error.message}`;
    } finally {
      send.disabled = false;
    }
  }

  return el("form", { onsubmit: submit },
    el("div", { class: "fields" },
      inputs.map(({ parameter, input }) => el("label", {}, `${parameter.name} (${parameter.in})`, input)),
      parts.map(({ name, input }) => el("label", {}, name, input))),
    text ? el("label", {}, `body (${body.type})`, text) : "",
    el("div", { class: "row" }, send, said),
    answer);
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

// After a sign-in, the next tries are signed in. The token lives as long as the page.
function keepToken(text) {
  try {
    const token = JSON.parse(text).data.access_token;
    if (typeof token === "string") byId("token").value = token;
  } catch {
    // No JSON, or no token in it.
  }
}

function operationView(api, entry) {
  const { id, method, path, operation } = entry;
  const inside = el("div", { class: "inside" });
  const view = el("details", { class: "operation", id },
    el("summary", {}, el("span", { class: `method ${method}` }, method), el("span", { class: "path" }, path),
      el("span", { class: "say" }, operation.summary || ""), api.isPublic(operation) ? el("span", { class: "badge" }, "no sign-in") : ""),
    inside);
  // Drawn when it is opened: the document is long.
  view.addEventListener("toggle", () => {
    if (!view.open || inside.childElementCount) return;
    const parameters = (operation.parameters || []).map((each) => api.resolve(each));
    const body = bodyOf(api, operation);
    inside.append(...paragraphs(operation.description));
    if (parameters.length) inside.append(el("h3", {}, "Parameters"), parametersTable(api, parameters));
    if (body) inside.append(el("h3", {}, `Body (${body.type})`), schemaTable(api, body.schema));
    for (const [status, response] of Object.entries(operation.responses || {})) {
      const { description, content } = api.resolve(response);
      const [type] = Object.keys(content || {});
      inside.append(el("details", { class: "nested" },
        el("summary", {}, el("code", {}, status), ` ${description || ""}`),
        type ? el("div", {}, el("p", { class: "type" }, type), schemaTable(api, content[type].schema || {})) : ""));
    }
    inside.append(el("h3", {}, "Try it"), tryForm(api, entry, parameters));
  });
  view.dataset.words = `${method} ${path} ${id} ${operation.summary || ""} ${operation.description || ""}`.toLowerCase();
  return view;
}

function chooseServer(api) {
  const here = location.pathname.replace(/\/docs\/?$/, "");
  const urls = (api.document.servers || []).map((server) => server.url);
  // The one this page came from comes first.
  const ordered = [...new Set([...urls.filter((url) => url === here), ...urls])];
  byId("server").append(...(ordered.length ? ordered : [here]).map((url) => el("option", { value: url }, url || "/")));
}

function draw(api) {
  const { title, version, description } = api.document.info || {};
  byId("title").textContent = `${title || "API"} ${version || ""}`;
  document.title = `${title || "API"} API`;
  chooseServer(api);
  const index = byId("index");
  const main = byId("main");
  main.replaceChildren(...paragraphs(description), el("p", {}, el("a", { href: "openapi.json" }, "openapi.json")));
  const sections = api.groups().map(([tag, entries]) => {
    const views = entries.map((entry) => operationView(api, entry));
    const links = entries.map(({ id, method, path }) => el("a", { href: `#${id}` }, el("span", { class: `method ${method}` }, method), el("span", {}, path)));
    const heading = el("h2", {}, tag);
    const indexHeading = el("h2", {}, tag);
    main.append(heading, ...views);
    index.append(indexHeading, ...links);
    return { heading, indexHeading, views, links };
  });
  byId("find").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { heading, indexHeading, views, links } of sections) {
      const shown = views.map((view) => words.every((word) => view.dataset.words.includes(word)));
      views.forEach((view, place) => { view.hidden = !shown[place]; links[place].hidden = !shown[place]; });
      heading.hidden = indexHeading.hidden = !shown.includes(true);
    }
  });
  const open = () => {
    const view = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
    if (view instanceof HTMLDetailsElement) {
      view.open = true;
      view.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  open();
}

fetch("openapi.json")
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`it answered ${response.status}`))))
  .then((document_) => draw(new Api(document_)))
  .catch((error) => { byId("state").textContent = `openapi.json could not be read: ${error.message}`; });
