import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Backend, SegmentOutput } from '../../src/core/backend';
import { EncoderQueue, type Passage, type Passages } from '../../src/core/encoder-queue';
import type { Embeddings } from '../../src/core/model/embeddings';
import type { Manifest } from '../../src/core/model/manifest';

const SEGMENTS = 2;
const MANY = 200_000;

/** Lengths of texts, in tokens: as many as a model with 128 tokens has. */
const LENGTHS = 127;

/** Texts without content, of all lengths in turn, which go through all segments; it counts what is under way. */
class Texts {
  /** Tokens of the texts that have been begun and not ended. */
  begunTokens = 0;
  mostBegunTokens = 0;
  begun = 0;
  ended = 0;

  passages(length: number, priority: 'interactive' | 'scan'): Passages<Passage> {
    const begin = (index: number): Passage => {
      const ids = new Int32Array(2 + (index % LENGTHS));
      let passed = 0;
      this.begun += 1;
      this.begunTokens += ids.length;
      this.mostBegunTokens = Math.max(this.mostBegunTokens, this.begunTokens);
      return {
        ids,
        get isDone() {
          return passed === SEGMENTS;
        },
        read: () => void (passed += 1),
      };
    };
    const end = ({ ids }: Passage): void => {
      this.ended += 1;
      this.begunTokens -= ids.length;
    };
    return { length, priority, begin, end };
  }
}

/** An encoder of hidden size 1 that does nothing, and counts. */
class CountingBackend implements Backend {
  readonly name = 'counting';
  readonly calls: { readonly segment: number; readonly rows: number; readonly tokens: number }[] = [];
  /** Tokens that have been through the first segment and not through the last. */
  between = 0;
  mostBetween = 0;
  /** Is called in the middle of each batch. */
  onCall: (call: number) => void = () => undefined;

  run(segment: number, hidden: Float32Array, _mask: Int32Array, rows: number, tokens: number): Promise<SegmentOutput> {
    this.calls.push({ segment, rows, tokens });
    this.between += segment === 0 ? rows * tokens : -rows * tokens;
    this.mostBetween = Math.max(this.mostBetween, this.between);
    this.onCall(this.calls.length);
    return Promise.resolve({ pooled: new Float32Array(rows), ...(segment === 0 ? { states: hidden } : {}) });
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

describe('EncoderQueue', () => {
  let texts: Texts;
  let backend: CountingBackend;
  let queue: EncoderQueue;

  beforeEach(() => {
    texts = new Texts();
    backend = new CountingBackend();
    const encoder = { hiddenSize: 1, segments: Array.from({ length: SEGMENTS }, () => ({})) } as unknown as Manifest['encoder'];
    queue = new EncoderQueue(encoder, { lookUp: () => undefined } as unknown as Embeddings, backend);
  });

  it('keeps few of 200,000 texts in memory, and the states of fewer', async () => {
    await queue.run(texts.passages(MANY, 'scan'));
    assert.equal(texts.ended, MANY);
    assert.ok(texts.mostBegunTokens <= 45_000, `texts of ${texts.mostBegunTokens} tokens were under way`);
    assert.ok(backend.mostBetween <= 9000, `states of ${backend.mostBetween} tokens were kept`);
  });

  it('fills batches out of what waits, and runs what is left when no more comes', async () => {
    await queue.run(texts.passages(20_000, 'scan'));
    const first = backend.calls.filter(({ segment }) => segment === 0);
    const tokens = first.reduce((sum, call) => sum + call.rows * call.tokens, 0);
    assert.ok(tokens / first.length > 200, `a batch had ${tokens / first.length} tokens`);
    assert.ok(first.every((call) => call.rows * call.tokens <= 256));
  });

  it('makes the batches of a scan smaller while somebody asks for single texts', async () => {
    // A slow machine is not to take longer than somebody is thought to be there.
    const clock = mock.method(performance, 'now', () => 0);
    try {
      await queue.run(texts.passages(1, 'interactive'));
      await queue.run(texts.passages(2000, 'scan'));
    } finally {
      clock.mock.restore();
    }
    assert.ok(backend.calls.every(({ rows, tokens }) => rows === 1 || rows * tokens <= 64));
    assert.ok(backend.calls.some(({ rows, tokens }) => rows > 1 && tokens > 20));
  });

  it('puts texts of several requests into one batch, and does not keep the oldest waiting for it', async () => {
    const order: number[] = [];
    await Promise.all(Array.from({ length: 6 }, async (_, request) => {
      await queue.run(texts.passages(LENGTHS, 'scan'));
      order.push(request);
    }));
    assert.ok(backend.calls.some(({ rows, tokens }) => rows > 1 && tokens > 20));
    assert.deepEqual(order, [...order].sort((a, b) => a - b));
  });

  it('does nothing more for a scan that is cancelled than the batch under way', async () => {
    const controller = new AbortController();
    backend.onCall = (call) => call === 40 && controller.abort(new Error('not needed any more'));
    await assert.rejects(queue.run(texts.passages(MANY, 'scan'), controller.signal), /not needed any more/u);
    const { begun, ended } = texts;
    await queue.run(new Texts().passages(1, 'scan'));
    assert.equal(backend.calls.length, 40 + SEGMENTS);
    assert.deepEqual([texts.begun, texts.ended], [begun, ended]);
  });

  it('lets a text that somebody waits for wait for one batch of a scan of 200,000 at most', async () => {
    const controller = new AbortController();
    const answered: number[] = [];
    backend.onCall = (call) => {
      if (call % 50 === 0) {
        void queue.run(new Texts().passages(1, 'interactive')).then(() => answered.push(backend.calls.length - call));
      }
      if (call === 1000) {
        controller.abort(new Error('seen enough'));
      }
    };
    await assert.rejects(queue.run(texts.passages(MANY, 'scan'), controller.signal), /seen enough/u);
    assert.equal(answered.length, 19);
    assert.ok(answered.every((batches) => batches === SEGMENTS), `answered after ${answered.join(', ')} batches`);
  });
});
