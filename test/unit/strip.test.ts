import assert from 'node:assert/strict';
import { stripComment } from '../../src/core/sources/comments/strip';
import cases from '../fixtures/comment-markers.json';

describe('stripComment', () => {
  for (const { comment, text } of cases) {
    it(`gives ${JSON.stringify(text)} for ${JSON.stringify(comment)}`, () => {
      assert.equal(stripComment(comment), text);
    });
  }

  it('changes nothing when applied to its own result without a marker left', () => {
    for (const { text } of cases.filter(({ text }) => /^[\p{L} ]*$/u.test(text))) {
      assert.equal(stripComment(text), text);
    }
  });

  it('reads the start of a comment of many megabytes, whatever it is made of', () => {
    for (const filler of ['x', '* ', '*', '/', ' ', '\n', '*/ ']) {
      const text = stripComment(`/* start ${filler.repeat(1e7)} */`);
      stripComment(`/* start ${filler.repeat(8100)} end */`);
      assert.ok(text.startsWith('start'), JSON.stringify(filler));
      assert.ok(text.length <= 8192);
    }
  });
});
