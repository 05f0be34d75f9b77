import assert from 'node:assert/strict';
import { POLICIES } from '../../src/core/exits/policy';
import { LANGUAGES } from '../../src/core/sources/comments/languages';
import { TASKS } from '../../src/core/tasks/tasks';
import manifest from '../../package.json';
import model from '../../models/glance-minilm/model.json';

describe('manifest of the extension', () => {
  it('activates for the languages whose comments can be found, and for nothing else', () => {
    assert.deepEqual([...manifest.activationEvents].sort(), LANGUAGES.map(({ id }) => `onLanguage:${id}`).sort());
  });

  it('offers the policies that there are', () => {
    assert.deepEqual(manifest.contributes.configuration.properties['glance.exit.policy'].enum, [...POLICIES]);
  });

  it('pins every dependency', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/u, name);
    }
  });
});

describe('tasks', () => {
  it('present the labels of the shipped model package', () => {
    for (const { id, labels, silentLabel } of model.tasks) {
      const task = TASKS.find((known) => known.id === id);
      assert.deepEqual(Object.keys(task?.labels ?? {}), labels);
      assert.equal(task?.silentLabel, silentLabel);
    }
    assert.equal(model.tasks.length, TASKS.length);
  });
});
