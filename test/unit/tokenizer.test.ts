import assert from 'node:assert/strict';
import { tinyPackage } from './tiny-package';

describe('tokenizer', () => {
  it('gives the separator of parts the id of the token that ends a text', async () => {
    const { tokenizer } = await tinyPackage();
    const [CLS, SEP, todo, fix, ok] = [2, 3, 4, 5, 7];
    assert.deepEqual([...tokenizer.encode('ok [SEP] todo', 8)], [CLS, ok, SEP, todo, SEP]);
    assert.deepEqual([...tokenizer.encode('fix [SEP]  [SEP] ', 8)], [CLS, fix, SEP, SEP, SEP]);
    assert.deepEqual([...tokenizer.encode('ok [SEP] todo', 4)], [CLS, ok, SEP, SEP]);
  });

  it('cuts a text to the length that is asked for', async () => {
    const { tokenizer } = await tinyPackage();
    assert.deepEqual([3, 6, 8].map((maximum) => tokenizer.encode('todo '.repeat(50), maximum).length), [3, 6, 8]);
  });
});
