import assert from 'node:assert/strict';
import { COMMIT_CHECKS } from '../../src/core/commits/verdict';
import { POLICY_CHOICES } from '../../src/core/exits/policy-choice';
import { OFFERED_SHARES } from '../../src/core/exits/promise';
import { LANGUAGES } from '../../src/core/sources/comments/languages';
import { COMMENT_DEBT } from '../../src/core/tasks/comment-debt';
import { TASKS } from '../../src/core/tasks/tasks';
import { EXECUTION_PROVIDERS } from '../../src/engine/execution-provider';
import manifest from '../../package.json';
import strings from '../../package.nls.json';
import model from '../../models/glance-minilm/model.json';

const settings = manifest.contributes.configuration.properties;

/** What a string of the manifest, `%KEY%`, reads in English. */
function english(key: string): string {
  return (strings as Readonly<Record<string, string>>)[key.slice(1, -1)] ?? '';
}

describe('manifest of the extension', () => {
  it('activates for the languages whose comments can be found, and for commit messages', () => {
    const languages = [...LANGUAGES.map(({ id }) => id), 'scminput', 'git-commit'];
    assert.deepEqual([...manifest.activationEvents].sort(), languages.map((id) => `onLanguage:${id}`).sort());
  });

  it('offers the policies that there are', () => {
    const { enum: names, enumDescriptions, default: byDefault } = settings['glance.exit.policy'];
    assert.deepEqual(names, [...POLICY_CHOICES]);
    assert.equal(enumDescriptions.length, names.length);
    assert.equal(byDefault, 'promise');
  });

  it('offers a severity for every label that a comment is reported with', () => {
    const { default: byDefault, properties } = settings['glance.comments.severity'];
    const labels = Object.keys(COMMENT_DEBT.labels).filter((label) => label !== COMMENT_DEBT.silentLabel);
    assert.deepEqual(Object.keys(byDefault), labels);
    assert.deepEqual(Object.keys(properties), labels);
  });

  it('offers promises in percent, each with what it means', () => {
    const { enum: shares, enumDescriptions, default: byDefault } = settings['glance.maxDisagreement'];
    assert.deepEqual(enumDescriptions.slice(1).map((key) => 100 / Number(/1 in (\d+)/u.exec(english(key))?.[1])), shares.slice(1));
    assert.deepEqual(shares, OFFERED_SHARES.map((share) => 100 * share));
    assert.ok(shares.includes(byDefault));
  });

  it('promises by default what the shipped model package can keep without running all of the model', () => {
    const levels: readonly { readonly maxDisagreement: number }[] = model.tasks.find(({ id }) => id === TASKS[0].id)?.promise.levels ?? [];
    const byDefault = settings['glance.maxDisagreement'].default / 100;
    assert.ok(levels.some(({ maxDisagreement }) => maxDisagreement <= byDefault));
  });

  it('offers the execution providers that there are', () => {
    const { enum: names, enumDescriptions, default: byDefault } = settings['glance.executionProvider'];
    assert.deepEqual(names, [...EXECUTION_PROVIDERS]);
    assert.equal(enumDescriptions.length, names.length);
    assert.equal(byDefault, EXECUTION_PROVIDERS[0]);
  });

  it('offers the checks of commit messages that there are', () => {
    const { enum: names, enumDescriptions, default: byDefault } = settings['glance.commits.check'];
    assert.deepEqual(names, [...COMMIT_CHECKS]);
    assert.equal(enumDescriptions.length, names.length);
    assert.equal(byDefault, COMMIT_CHECKS[0]);
  });

  it('has every string that people read in package.nls.json, and no other there', () => {
    const used = [...JSON.stringify(manifest).matchAll(/"%([^"%]+)%"/gu)].map(([, key]) => key);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(strings).sort());
    // Whatever is not looked up there has no space in it: names, expressions of two words at most, and patterns.
    const shown = JSON.stringify(manifest.contributes, (key, value: unknown) => (['when', 'enablement', 'key', 'category'].includes(key) ? undefined : value));
    assert.deepEqual([...shown.matchAll(/"([^"]* [^"]*)"/gu)].map(([, text]) => text), []);
  });

  it('pins every dependency', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/u, name);
    }
  });
});

describe('tasks', () => {
  it('present the labels of the shipped model package', () => {
    const tasks: readonly { readonly id: string; readonly labels: readonly string[]; readonly silentLabel?: string | undefined }[] = model.tasks;
    for (const { id, labels, silentLabel } of tasks) {
      const task = TASKS.find((known) => known.id === id);
      assert.deepEqual(Object.keys(task?.labels ?? {}), labels);
      assert.equal(task?.silentLabel, silentLabel);
    }
  });
});
