import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { randomNumbers } from '../../bench/statistics';
import { ModelPackageError } from '../../src/core/model/error';
import { Tokenizer } from '../../src/core/model/tokenizer';
import { vocabularyOf, type TokenizerFile } from '../../src/core/model/tokenizer-file';
import { WordPiece } from '../../src/core/model/word-piece';
import { SHIPPED } from './shipped';
import { tinyPackage } from './tiny-package';

const wordPieceOf = (file: object): WordPiece | undefined => WordPiece.of(file as TokenizerFile, vocabularyOf(file as TokenizerFile));

describe('tokenizer', () => {
  it('gives the separator of parts the id of the token that ends a text', async () => {
    const { tokenizer } = await tinyPackage();
    const [CLS, SEP, todo, fix, ok] = [2, 3, 4, 5, 7];
    assert.deepEqual([...tokenizer.encode('ok [SEP] todo', 8)], [CLS, ok, SEP, todo, SEP]);
    assert.deepEqual([...tokenizer.encode('fix [SEP]  [SEP] ', 8)], [CLS, fix, SEP, SEP, SEP]);
    assert.deepEqual([...tokenizer.encode('ok [SEP] todo', 4)], [CLS, ok, SEP, SEP]);
  });

  it('is refused with what is wrong with it', () => {
    const vocab = { '[PAD]': 0, '[UNK]': 1, '[CLS]': 2, '[SEP]': 3, todo: 4 };
    const model = { type: 'WordPiece', unk_token: '[UNK]', vocab };
    const faults: [content: unknown, fault: RegExp][] = [
      [null, /all of it: Invalid input/u],
      [{}, /model: Invalid input/u],
      [{ model: { ...model, vocab: 5 } }, /model\.vocab: is neither a table nor a list/u],
      [{ model: { ...model, vocab: { hack: -5 } } }, /model\.vocab: the id of "hack" is -5, not a whole number from 0/u],
      [{ model: { ...model, vocab: { hack: 1.5 } } }, /the id of "hack" is 1\.5/u],
      [{ model: { ...model, vocab: { hack: 'x' } } }, /the id of "hack" is "x"/u],
      [{ model: { ...model, max_input_chars_per_word: 'x' } }, /model\.max_input_chars_per_word: Invalid input/u],
      [{ model: { ...model, max_input_chars_per_word: 2.5 } }, /model\.max_input_chars_per_word: Invalid input/u],
      [{ model, added_tokens: [{ content: '[SEP]' }] }, /added_tokens\.0\.id: Invalid input/u],
      [{ model: { ...model, vocab: {} } }, /is not a tokenizer file/u],
      [{ model: { ...model, vocab: [] } }, /is not a tokenizer file/u],
    ];
    for (const [content, fault] of faults) {
      assert.throws(() => new Tokenizer('tokenizer.json', JSON.stringify(content), 5), (error) => error instanceof ModelPackageError && fault.test(error.message), JSON.stringify(content));
    }
  });

  it('cuts a text to the length that is asked for', async () => {
    const { tokenizer } = await tinyPackage();
    assert.deepEqual([3, 6, 8].map((maximum) => tokenizer.encode('todo '.repeat(50), maximum).length), [3, 6, 8]);
  });

  describe('of the shipped model', () => {
    const json = readFileSync(path.join(SHIPPED.model, 'tokenizer.json'), 'utf8');
    const library = new HuggingFaceTokenizer(JSON.parse(json) as object, {});
    const tokenizer = new Tokenizer('tokenizer.json', json, 30_522);
    const assertSame = (text: string, maximum = 512): void => {
      const { ids } = library.encode(text);
      const kept = ids.length > maximum ? [...ids.slice(0, maximum - 1), ids.at(-1)] : ids;
      assert.deepEqual([...tokenizer.encode(text, maximum)], kept, `${JSON.stringify(text)} up to ${maximum}`);
    };

    it('gives what the library gives on real texts', () => {
      const lines = readFileSync(path.join(__dirname, '../../node_modules/typescript/lib/lib.dom.d.ts'), 'utf8').split('\n').map((line) => line.slice(0, 400));
      const sample = lines.filter((_, index) => index % 9 === 0);
      assert.ok(sample.length > 2000);
      sample.forEach((text) => assertSame(text));
    });

    it('gives what the library gives on random characters', () => {
      const next = randomNumbers(1);
      for (let count = 0; count < 2000; count += 1) {
        const length = Math.floor(next() * 40);
        assertSame(Array.from({ length }, () => String.fromCharCode(next() < 0.1 ? [9, 10, 13][Math.floor(next() * 3)] ?? 9 : 32 + Math.floor(next() * 95))).join(''));
      }
    });

    it('gives what the library gives on long words, unknown ones and special tokens', () => {
      ['', ' ', '\t', 'a'.repeat(100), 'a'.repeat(101), 'zqxjkv', '[SEP]', 'a[SEP]b [CLS] [MASK]', '[sep] [ SEP ]', '[[SEP]]', "don't_stop", 'x = y[0]; // [PAD'].forEach((text) => assertSame(text));
    });

    it('gives what the library gives where some of a text is not plain ASCII', () => {
      const parts = ['todo', 'fix(me)', '  ', '\n', 'caf\u00e9', 'na\u00efve,', '\u4f60\u597d', 'a\u0000b', 'a\u000bb', '\u007f', 'a\u00a0b', '\u201cquoted\u201d', 'e\u0301', '\u0301', '\u2014', '[SEP]', '\u00e9[SEP]x', '\ufb01', '\u{1f600}', '\u0130stanbul', '\u00df'];
      const next = randomNumbers(2);
      for (let count = 0; count < 2000; count += 1) {
        const text = Array.from({ length: Math.floor(next() * 12) }, () => `${parts[Math.floor(next() * parts.length)] ?? ''}${next() < 0.6 ? ' ' : ''}`).join('');
        assertSame(text);
        assertSame(text, 2 + Math.floor(next() * 14));
      }
    });

    it('takes a word that goes on beyond ASCII as one, wherever the text is cut', () => {
      for (let maximum = 2; maximum < 20; maximum += 1) {
        assertSame(`${'0'.repeat(60)}\u00e9${'0'.repeat(60)}`, maximum);
        assertSame('unbelievableness\u0301 unbelievableness\u6587', maximum);
      }
    });

    it('leaves to the library what is not plain ASCII, from white space to white space', () => {
      const wordPiece = wordPieceOf(JSON.parse(json) as object);
      assert.ok(wordPiece);
      const left = (text: string): string[] => {
        const parts: string[] = [];
        wordPiece.encode(text, 100, (part) => (parts.push(part), []));
        return parts;
      };
      assert.deepEqual(left('plain \t(text)\r\n[SEP]'), []);
      assert.deepEqual(left('caf\u00e9, a\u0000b c\n\u4f60\u597d.\ud800 end'), ['caf\u00e9,', 'a\u0000b', '\u4f60\u597d.\ud800']);
    });

    it('leaves other tokenizers to the library', () => {
      assert.equal(wordPieceOf({ ...(JSON.parse(json) as object), normalizer: null }), undefined);
    });

    it('tells words apart that have the same hash', () => {
      // Of 32 bits; found by trying words of seven letters.
      for (const [piece, other] of [['hzsfvle', 'avvaquf'], ['iplxrlb', 'jrhbeyw']]) {
        const file = JSON.parse(json) as { model: { vocab: object } };
        file.model.vocab = { '[UNK]': 100, [piece ?? '']: 7, x: 8, [`##${piece}`]: 9 };
        const wordPiece = wordPieceOf(file);
        const ids = (text: string): number[] => [...(wordPiece?.encode(text, 9, () => []) ?? [])].slice(1, -1);
        assert.deepEqual([piece, `x${piece}`, other, `x${other}`].map((text) => ids(text ?? '')), [[7], [8, 9], [100], [100]]);
      }
    });

    it('leaves tokenizers with another prefix or odd limits to the library', () => {
      const file = JSON.parse(json) as { model: object };
      assert.ok(wordPieceOf(file));
      for (const other of [{ continuing_subword_prefix: '@@' }, { max_input_chars_per_word: 1e6 }, { unk_token: 'no such token' }]) {
        assert.equal(wordPieceOf({ ...file, model: { ...file.model, ...other } }), undefined);
      }
    });

    it('leaves tokenizers with added tokens of another kind to the library', () => {
      const file = JSON.parse(json) as { added_tokens: object[] };
      for (const added of [{ content: '<url>' }, { content: '[URL]', normalized: true }, { content: 'url' }, { content: '[URL]', lstrip: true }]) {
        assert.equal(wordPieceOf({ ...file, added_tokens: [...file.added_tokens, { id: 1, ...added }] }), undefined);
      }
    });

    it('takes no longer for a word of thousands of letters than it is long', () => {
      assert.deepEqual([...tokenizer.encode('a'.repeat(1_000_000), 512)], library.encode('a'.repeat(1000)).ids);
    });
  });
});
