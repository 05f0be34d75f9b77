/** What the package for VS Code and the one for npm are checked for alike. */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './harness/paths.mjs';

/** The files of the model packages, which must ship with them: paths from the repository's root on, with `/`. */
export function modelFiles() {
  const models = fs.readdirSync(path.join(ROOT, 'models'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return models.flatMap(({ name: model }) => {
    const { files } = JSON.parse(fs.readFileSync(path.join(ROOT, 'models', model, 'model.json'), 'utf8'));
    return ['model.json', ...Object.keys(files)].map((file) => `models/${model}/${file}`);
  });
}

const listed = (names) => names.join('\n  ') || '(nothing)';

/**
 * Refuses a package that lacks something, has what does not belong, or is too large.
 * @param name of what was packed, for people
 * @param size in bytes, as is `largest`
 * @throws {Error} that says why it must not ship, if so
 */
export function assertFit({ name, missing, forbidden, size, largest }) {
  if (missing.length + forbidden.length > 0) {
    throw new Error(`${name} is not fit to ship.\nMissing:\n  ${listed(missing)}\nNot allowed:\n  ${listed(forbidden)}`);
  }
  if (size > largest) throw new Error(`${name} has ${(size / 1e6).toFixed(1)} MB, more than the ${largest / 1e6} MB that it may have.`);
}
