// Writes the types of the sync operations from the OpenAPI document, or with --check makes sure that they are fresh.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const PATHS = /^\/(leads|calls|reminders)\/sync|^\/sync\//;
const whole = JSON.parse(await readFile(new URL("../../../infra/openapi.json", import.meta.url), "utf8"));
const file = new URL("./api.d.ts", import.meta.url);

// The parts of the document that those paths lead to.
const paths = Object.fromEntries(Object.entries(whole.paths).filter(([path]) => PATHS.test(path)));
const components = {};
const queue = [paths];
while (queue.length > 0) {
  for (const [, section, name] of JSON.stringify(queue.pop()).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)) {
    components[section] ??= {};
    if (!(name in components[section])) {
      components[section][name] = whole.components[section][name];
      queue.push(components[section][name]);
    }
  }
}
for (const section of Object.keys(components)) {
  components[section] = Object.fromEntries(Object.entries(components[section]).sort());
}
const types = `// Generated from infra/openapi.json by \`npm run types\`.\n\n${astToString(
  await openapiTS({ openapi: whole.openapi, info: whole.info, paths, components }),
)}`;

if (process.argv.includes("--check")) {
  if ((await readFile(file, "utf8")) !== types) {
    console.error("src/api.d.ts is not fresh: npm run types");
    process.exit(1);
  }
} else {
  await writeFile(file, types);
}
