import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.join(__dirname, '../../.github/workflows');

describe('workflows', () => {
  for (const name of readdirSync(FOLDER)) {
    const text = readFileSync(path.join(FOLDER, name), 'utf8');

    it(`${name} takes every action at a commit, and says which version that is`, () => {
      const uses = [...text.matchAll(/uses: (.+)$/gmu)].map(([, action = '']) => action);
      const foreign = uses.filter((action) => !action.startsWith('./'));
      assert.ok(uses.length > 0);
      assert.deepEqual(foreign.filter((action) => !/^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(action)), []);
    });

    it(`${name} has no permissions but those that a job asks for`, () => {
      assert.match(text, /^permissions: \{\}$/mu);
      const asked = [...text.matchAll(/^ {4}permissions:\n((?: {6}.+\n)+)/gmu)].map(([, lines = '']) => lines.trim());
      assert.ok(asked.length > 0);
      assert.deepEqual([...new Set(asked)], ['contents: read']);
    });

    it(`${name} leaves no credentials behind, and puts nothing of an event into a script`, () => {
      assert.equal(text.split('actions/checkout@').length, text.split('persist-credentials: false').length);
      assert.doesNotMatch(text, /run: .*\$\{\{/u);
    });
  }
});
