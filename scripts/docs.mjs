/**
 * `npm run docs`: writes what the documents have from the manifest: the table of settings in README.md, and docs/settings.md.
 * `npm run docs -- --check` writes nothing, and fails where a document is not what it would write.
 */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, manifest } from './harness/paths.mjs';
import { SetupProblem, main, say } from './harness/progress.mjs';

const MARKERS = ['<!-- settings: begin (npm run docs) -->', '<!-- settings: end -->'];

/** Where a setting may be set, by its scope in the manifest. */
const SCOPES = {
  'language-overridable': 'for you, a workspace, a folder or a single language',
  resource: 'for you, a workspace or a folder',
  window: 'for you or a workspace',
  'machine-overridable': 'for you, a machine or a workspace',
  machine: 'for a machine',
};

const strings = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.nls.json'), 'utf8'));

/** What a string of the manifest, `%KEY%`, reads as Markdown outside of VS Code, where `#glance.a#` is no link. */
const english = (key) => strings[key.slice(1, -1)].replaceAll(/`#([\w.]+)#`/gu, '`$1`');

const code = (value) => `\`${value}\``;

const anyOf = (values) => `${values.slice(0, -1).map(code).join(', ')} or ${code(values.at(-1))}`;

function byDefault({ default: value }) {
  if (value === null || value === '') return 'empty';
  if (typeof value !== 'object') return code(value);
  const [first, ...others] = new Set(Object.values(value));
  return others.length === 0 ? `${code(first)} for each` : code(JSON.stringify(value));
}

/** The values that a setting may have, in a sentence; nothing where its type says it all. */
function values({ enum: names, minimum, maximum, properties }) {
  const [first] = Object.values(properties ?? {});
  if (names ?? first) return ` ${anyOf(names ?? first.enum)}.`;
  return minimum !== undefined && maximum !== undefined ? ` From ${minimum} to ${maximum}.` : '';
}

/** One line for each setting: the first sentence of its description, which says what it is for. */
function table(settings) {
  const rows = settings.map(([key, setting]) => `| ${code(key)} | ${byDefault(setting)} | ${english(setting.markdownDescription).match(/^.*?[.](?= |$)/u)[0]}${values(setting)} |`);
  return ['| Setting | Default | |', '|---|---|---|', ...rows].join('\n');
}

/** All that the manifest says of each setting. */
function reference(settings) {
  const section = ([key, { enum: names, enumDescriptions = [], properties = {}, scope = 'window', ...setting }]) => {
    const meanings = [
      ...(names ?? []).map((name, index) => `- ${code(name)}: ${english(enumDescriptions[index])}`),
      ...Object.entries(properties).map(([name, { description }]) => `- ${code(name)}: ${english(description)}`),
    ];
    const list = meanings.length > 0 ? `\n\n${meanings.join('\n')}` : '';
    const numbers = names ? '' : values({ ...setting, properties });
    return `## ${code(key)}\n\n${english(setting.markdownDescription)}${numbers}${list}\n\nDefault: ${byDefault(setting)}. Set it ${SCOPES[scope]}.`;
  };
  return `# Settings\n\nWritten by \`npm run docs\` from the manifest. Settings act at once. To set one for a single language, write\n\`"[python]": { "glance.comments.run": "onSave" }\`.\n\n${settings.map(section).join('\n\n')}\n`;
}

function betweenMarkers(text, content) {
  const [begin, end] = MARKERS.map((marker) => text.indexOf(marker));
  if (begin < 0 || end < begin) throw new SetupProblem(`README.md needs the lines ${MARKERS.join(' and ')}: the table of settings goes between them.`);
  return `${text.slice(0, begin + MARKERS[0].length)}\n${content}\n${text.slice(end)}`;
}

await main(() => {
  const settings = Object.entries(manifest().contributes.configuration.properties);
  const documents = { 'README.md': (old) => betweenMarkers(old, table(settings)), 'docs/settings.md': () => reference(settings) };
  const check = process.argv.includes('--check');
  for (const [name, write] of Object.entries(documents)) {
    const file = path.join(ROOT, name);
    const old = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    const text = write(old);
    if (old === text) continue;
    if (check) throw new SetupProblem(`${name} does not have the settings of the manifest: run "npm run docs".`);
    fs.writeFileSync(file, text);
    say(`written: ${name}`);
  }
});
