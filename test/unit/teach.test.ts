import assert from 'node:assert/strict';
import path from 'node:path';
import { Matrix, solve } from 'ml-matrix';
import { randomNumbers } from '../../bench/statistics';
import { Classifier } from '../../src/core/classifier';
import { fitCertainty } from '../../src/core/teach/certainty';
import { beatsBaseline, wilson } from '../../src/core/teach/estimate';
import { excerpt, groupsOf, review } from '../../src/core/teach/examples';
import { joined } from '../../src/core/teach/joined-heads';
import { describeEstimate, reportMarkdown, verdict } from '../../src/core/teach/report';
import { fitHead } from '../../src/core/teach/ridge';
import { fitTemperature } from '../../src/core/teach/temperature';
import { exampleLine, headerLine, nameFor, parseExamples, parseTaughtTask, taskOf, TaughtTaskError, type Example, type TaughtTask } from '../../src/core/teach/taught-task';
import { train, type TrainedTask } from '../../src/core/teach/train';
import { ChildEngine } from '../../src/engine/child-engine';
import { LocalEngine } from '../../src/engine/local-engine';
import { DIST, SHIPPED } from './shipped';
import { COLOURS_AND_TOOLS } from './taught-examples';
import { TinyBackend, tinyPackage } from './tiny-package';

const HEADER = { name: 'security-notes', title: 'Security notes', texts: 'comments', silent: 'other' } as const;
const file = (...lines: string[]): string => [headerLine(HEADER), ...lines, ''].join('\n');

describe('file of a taught task', () => {
  it('is read as it was written', () => {
    const examples = [{ text: '// never log "it"\n// really', label: 'security' }, { text: '# the sum', label: 'other' }];
    assert.deepEqual(parseTaughtTask(file(...examples.map(exampleLine))), { ...HEADER, examples });
  });

  it('may have a byte order mark, line ends of Windows and blank lines', () => {
    const content = `\ufeff${headerLine(HEADER)}\r\n\r\n${exampleLine({ text: 'a', label: 'b' })}\r\n`;
    assert.deepEqual(parseTaughtTask(content).examples, [{ text: 'a', label: 'b' }]);
  });

  const faults: [what: string, content: string, message: RegExp][] = [
    ['nothing', '', /^The file is empty\. Its first line must be like \{/u],
    ['a header that is not JSON', 'glance', /^Line 1 is not JSON/u],
    ['no header', exampleLine({ text: 'a', label: 'b' }), /^Line 1 .*"glance"/u],
    ['a later version', headerLine(HEADER).replace('"glance":1', '"glance":2'), /^Line 1 .*"glance"/u],
    ['a name that leads out of its folder', headerLine({ ...HEADER, name: '../x' }), /^Line 1 .*"task": must be made of small letters/u],
    ['a row that is not JSON', file(exampleLine({ text: 'a', label: 'b' }), '{'), /^Line 3 is not JSON/u],
    ['a row without a label', file('{"text": "a"}'), /^Line 2 .*"label"/u],
    ['a row that is no object', file('[]'), /^Line 2 .*it must be an object/u],
    ['a label of two lines', file(exampleLine({ text: 'a', label: 'b\nc' })), /^Line 2 .*"label": must be of one line/u],
    ['a label that is too long', file(exampleLine({ text: 'a', label: 'b'.repeat(61) })), /^Line 2 .*60 characters/u],
    ['too many examples', file(...Array<string>(401).fill(exampleLine({ text: 'a', label: 'b' }))), /^There are 401 examples/u],
    ['too many labels', file(...Array.from({ length: 51 }, (_, index) => exampleLine({ text: 'a', label: `${index}` }))), /^There are 51 labels/u],
  ];
  for (const [what, content, message] of faults) {
    it(`is refused with ${what}, naming the line`, () => {
      assert.throws(() => parseTaughtTask(content), (error) => error instanceof TaughtTaskError && message.test(error.message));
    });
  }

  it('can be imported as examples, with or without its header', () => {
    const rows = [{ text: 'a', label: 'b' }, { text: 'glance', label: 'c' }];
    assert.deepEqual(parseExamples(file(...rows.map(exampleLine))), rows);
    assert.deepEqual(parseExamples(rows.map(exampleLine).join('\n')), rows);
  });

  it('has a name made of its title', () => {
    assert.equal(nameFor('  Sécurité: Notes! '), 'securite-notes');
    assert.equal(nameFor('备注'), '');
    const name = nameFor('x'.repeat(100));
    assert.equal(parseTaughtTask(headerLine({ ...HEADER, name })).name, name);
  });

  it('is a task like the others', () => {
    const task = taskOf({ ...HEADER, examples: [{ text: 'a', label: 'security' }, { text: 'b', label: 'other' }] });
    assert.equal(task.prepare({ text: '/* a */' }), 'a');
    assert.deepEqual([task.id, task.silentLabel, task.labels['security']?.title], ['security-notes', 'other', 'security']);
  });
});

describe('review of examples', () => {
  const many = (label: string, number: number): Example[] => Array.from({ length: number }, (_, index) => ({ text: `// ${label} number ${'x'.repeat(index + 1)}`, label }));
  const of = (examples: readonly Example[], silent: string | null = null) => review({ texts: 'comments', silent, examples });

  it('says what is missing', () => {
    assert.deepEqual(of([]).missing, ['It needs two labels at least, and has none.']);
    assert.deepEqual(of([...many('a', 10), ...many('b', 9)]).missing, ['"b" has 9 of the 10 different examples that it needs.']);
    assert.deepEqual(of([...many('a', 10), ...many('b', 10)], 'other').missing, ['"other", the label that is not reported, has no examples.']);
    assert.deepEqual(of([...many('a', 10), ...many('b', 10)]).missing, []);
  });

  it('misses words by which examples could be told apart', () => {
    const alike = Array.from({ length: 20 }, (_, index) => ({ text: `Step ${index}`, label: index % 2 === 0 ? 'a' : 'b' }));
    assert.deepEqual(of(alike).missing, ['Its examples differ in digits, punctuation and case alone: it needs some with other words.']);
    assert.deepEqual(of([...alike, { text: 'another', label: 'a' }]).missing, []);
  });

  it('quotes no half of a character', () => {
    assert.equal(excerpt(` a\n${'x'.repeat(57)}😀😀`), `"a ${'x'.repeat(57)}…"`);
  });

  it('leaves out repeated and empty examples, and tells of them and of contradictions', () => {
    const { examples, remarks } = of([{ text: '// one', label: 'a' }, { text: '# one', label: 'a' }, { text: 'one', label: 'b' }, { text: '//', label: 'a' }]);
    assert.deepEqual(examples, [{ text: 'one', label: 'a' }, { text: 'one', label: 'b' }]);
    assert.deepEqual(remarks, ['Examples without words, which were left out: 1.', 'Repeated examples, which count once: 1.', 'Texts that have different labels: 1, as in "one" (a, b).']);
  });

  it('groups texts that differ in digits, punctuation and case alone', () => {
    assert.deepEqual(groupsOf(['see issue 12', 'other', 'See issue #13.', '42', '43'].map((text) => ({ text }))), [[0, 2], [1], [3], [4]]);
  });
});

/** Vectors around a centre for each label. */
function clouds(labels: number, each: number, size: number, spread: number): { vectors: Float32Array[]; targets: number[] } {
  const random = randomNumbers(3);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const centres = Array.from({ length: labels }, () => Array.from({ length: size }, normal));
  const targets = Array.from({ length: labels * each }, (_, index) => index % labels);
  return { targets, vectors: targets.map((target) => Float32Array.from(centres[target] ?? [], (centre) => centre + spread * normal())) };
}

describe('ridge regression', () => {
  for (const [what, size] of [['fewer examples than dimensions', 40], ['more', 5]] as const) {
    it(`answers to examples left out as if trained without them, with ${what}`, () => {
      const { vectors, targets } = clouds(3, 7, size, 2);
      const groups = [[0, 1, 9], ...targets.flatMap((_, index) => ([0, 1, 9].includes(index) ? [] : [[index]]))];
      const { heldOut } = fitHead(vectors, targets, 3, groups);
      const x = new Matrix(vectors.map((vector) => Array.from(vector)));
      const y = new Matrix(targets.map((target) => [0, 1, 2].map((label) => Number(label === target))));
      const centred = x.clone().subRowVector(x.mean('column'));
      const meanValue = centred.clone().pow(2).sum() / x.rows;
      const differences = [0.01, 0.03, 0.1, 0.3, 1, 3, 10].map((strength) => {
        let worst = 0;
        for (const group of groups) {
          const others = targets.flatMap((_, index) => (group.includes(index) ? [] : [index]));
          const [a, b] = [x.subMatrixRow(others), y.subMatrixRow(others)];
          const [aMean, bMean] = [a.mean('column'), b.mean('column')];
          a.subRowVector(aMean);
          b.subRowVector(bMean);
          const weight = solve(a.transpose().mmul(a).add(Matrix.eye(size).mul(strength * meanValue)), a.transpose().mmul(b));
          for (const index of group) {
            // The labels' shares are those of all examples.
            const expected = x.subMatrixRow([index]).subRowVector(aMean).mmul(weight).addRowVector(y.mean('column'));
            expected.to1DArray().forEach((value, label) => (worst = Math.max(worst, Math.abs(value - (heldOut[index]?.[label] ?? NaN)))));
          }
        }
        return worst;
      });
      assert.ok(Math.min(...differences) < 1e-5, String(differences));
    });
  }

  it('gives a head that answers as the examples do', () => {
    const { vectors, targets } = clouds(3, 10, 20, 0.1);
    const { head } = fitHead(vectors, targets, 3, targets.map((_, index) => [index]));
    vectors.forEach((vector, index) => {
      const logits = head.logits(vector, 0);
      assert.equal(logits.indexOf(Math.max(...logits)), targets[index]);
    });
  });
});

describe('calibration of taught heads', () => {
  it('finds the temperature of the least loss', () => {
    // Right 3 times of 4 by a margin of 1; with one of two texts more that is not, 2 of 3, which is the probability of a logit of ln 2.
    const temperature = fitTemperature([0, 0, 0, 1].map(() => Float32Array.of(1, 0)), [0, 0, 0, 1]);
    assert.ok(Math.abs(1 / temperature - Math.log(2)) < 0.01);
  });

  it('is not certain because a few texts were all answered rightly', () => {
    const temperature = fitTemperature(Array.from({ length: 20 }, () => Float32Array.of(1, 0)), Array<number>(20).fill(0));
    assert.ok(Math.abs(1 / (1 + Math.exp(-1 / temperature)) - 21 / 22) < 1e-3);
  });

  it('is the more certain the wider the margin, and never quite', () => {
    const margins = Array.from({ length: 40 }, (_, index) => index / 10);
    const head = fitCertainty(margins, margins.map((margin) => margin > 1));
    const certainties = [0, 0.5, 1, 2, 4].map((margin) => head.certainty([margin]));
    assert.deepEqual([...certainties].sort((a, b) => a - b), certainties);
    assert.ok((certainties[0] ?? 1) < 0.3 && (certainties[4] ?? 0) > 0.9);
    const always = fitCertainty(margins, margins.map(() => true));
    assert.ok(always.certainty([10]) < 1 - 1 / 100);
  });

  it('does not become less certain with a wider margin', () => {
    const margins = [0, 1, 2, 3];
    const head = fitCertainty(margins, [true, true, false, false]);
    assert.ok(Math.abs(head.certainty([0]) - head.certainty([3])) < 1e-9);
  });

  it('gives Wilson intervals', () => {
    const [low, high] = wilson(0.8, 10);
    assert.ok(Math.abs(low - 0.4902) < 1e-3 && Math.abs(high - 0.9433) < 1e-3);
  });
});

describe('training', () => {
  const SET = { id: 'taught-x', silentLabel: undefined, maximumTokens: 8 } as const;
  const LABELS = ['a', 'b'];

  async function trained(spread: number, seedless = false): Promise<TrainedTask> {
    const { vectors, targets } = clouds(2, 20, 4, spread);
    const examples = targets.map((target, index) => ({ text: `text ${'x'.repeat(index)}`, label: LABELS[seedless ? Math.floor(index / 2) % 2 : target] ?? '' }));
    return train({ ...SET, examples }, vectors.map((vector) => [vector, vector, vector, vector]), (await tinyPackage()).embeddings);
  }

  it('is deterministic', async () => {
    assert.equal(JSON.stringify((await trained(1)).estimate), JSON.stringify((await trained(1)).estimate));
  });

  it('says that what can be told apart is', async () => {
    const { estimate } = await trained(0.05);
    assert.deepEqual(estimate.confusion, [[20, 0], [0, 20]]);
    assert.ok(beatsBaseline(estimate) && estimate.suspects.length === 0);
    assert.match(verdict(estimate), /^It is better/u);
  });

  it('says that what cannot be told apart is not', async () => {
    const { estimate } = await trained(1, true);
    assert.ok(!beatsBaseline(estimate));
    assert.match(verdict(estimate), /do not rely on it/u);
    assert.match(describeEstimate(estimate), /^Right for \d+% of 40 examples.*always answering the commonest label is right for 50%\.$/u);
  });

  it('names an example with a wrong label first', async () => {
    const { vectors, targets } = clouds(2, 20, 4, 0.3);
    const examples = targets.map((target, index) => ({ text: `text ${'x'.repeat(index)}`, label: LABELS[index === 7 ? 1 - target : target] ?? '' }));
    const { estimate } = await train({ ...SET, examples }, vectors.map((vector) => [vector]), (await tinyPackage()).embeddings);
    assert.deepEqual(estimate.suspects[0]?.text, examples[7]?.text);
    const report = reportMarkdown({ title: 'A [title](x)', silent: null, remarks: ['a | b'] }, estimate);
    assert.match(report, /^# A \\\[title\\\]\(x\)$/mu);
    assert.match(report, /^- a \\\| b$/mu);
    assert.match(report, /^\| "text xxxxxxx" \| [ab] \| [ab] \(\d+% sure\) \|$/mu);
  });

  it('gives heads that classify what their vectors were made of', async () => {
    const model = await tinyPackage();
    const classifier = new Classifier(model, new TinyBackend());
    const texts = ['ok', 'todo fix this', 'maybe', 'this', 'fix fixs', 'todo', 'maybe maybe this', 'fix this maybe'];
    const vectors = await classifier.vectors({ texts, maximumTokens: 8, segments: 3, priority: 'scan' });
    assert.deepEqual(vectors.map((exits) => exits.map(({ length }) => length)), texts.map(() => [4, 4, 4, 4]));
    const examples = texts.map((text) => ({ text, label: text.includes('fix') ? 'fix' : 'no' }));
    const { task } = await train({ ...SET, examples }, vectors, model.embeddings);
    const decisions = await classifier.classify({ texts, task, policy: { kind: 'full' }, priority: 'interactive' });
    decisions.forEach(({ trace, lastExit }) => {
      assert.equal(lastExit, 3);
      assert.deepEqual(trace.map(({ certainty }) => certainty === undefined), [false, false, false, true]);
    });
    // What is joined is as long as the vectors are many, each of length 1.
    assert.ok(Math.abs(Math.hypot(...joined(vectors[0] ?? [])) - 2) < 1e-6);
  });
});

describe('taught tasks of an engine', function () {
  this.timeout(60_000);
  const task: TaughtTask = { name: 'topics', title: 'Topics', texts: 'any', silent: null, examples: COLOURS_AND_TOOLS };
  const TEXTS = ['paint it dark blue', 'use a smaller hammer'];
  const REQUEST = { task, texts: TEXTS, policy: { kind: 'full' } } as const;

  it('learn what their examples say, and say how well', async () => {
    const engine = new LocalEngine(SHIPPED);
    const shares: number[] = [];
    const { task: described, estimate } = await engine.teach(task, undefined, (share) => shares.push(share));
    assert.deepEqual([described.labels, described.promise.levels, described.lastExit], [['colour', 'tool'], [], estimate.exits.length - 1]);
    assert.ok(beatsBaseline(estimate), describeEstimate(estimate));
    assert.deepEqual([...shares].sort((a, b) => a - b), shares);
    assert.equal(shares.at(-1), 1);
    assert.deepEqual((await engine.classify(REQUEST)).map(({ label }) => label), ['colour', 'tool']);
    await engine.dispose();
  });

  it('are the same in a process of their own', async () => {
    const [local, child] = [new LocalEngine(SHIPPED), new ChildEngine(path.join(DIST, 'engine.js'), SHIPPED)];
    try {
      const shares: number[] = [];
      const plain = async (engine: LocalEngine | ChildEngine): Promise<unknown> => (await engine.classify({ ...REQUEST, policy: { kind: 'certainty', threshold: 0.8 } })).map(({ label, confidence, exit }) => [label, confidence, exit]);
      assert.deepEqual((await child.teach(task, undefined, (share) => shares.push(share))).estimate, (await local.teach(task)).estimate);
      assert.equal(shares.at(-1), 1);
      assert.deepEqual(await plain(child), await plain(local));
    } finally {
      await Promise.all([local.dispose(), child.dispose()]);
    }
  });

  it('need not be taught before texts are classified', async () => {
    const child = new ChildEngine(path.join(DIST, 'engine.js'), SHIPPED);
    assert.deepEqual((await child.classify(REQUEST)).map(({ label }) => label), ['colour', 'tool']);
    await child.dispose();
  });

  it('are refused with what is missing', async () => {
    const engine = new LocalEngine(SHIPPED);
    await assert.rejects(engine.classify({ ...REQUEST, task: { ...task, examples: task.examples.slice(0, 3) } }), { name: 'RangeError', message: /^"Topics" cannot be trained yet\. It needs two labels/u });
    await engine.dispose();
  });

  it('can be given up, by one of two who wait and by both', async () => {
    const engine = new LocalEngine(SHIPPED);
    await engine.describe();
    const [one, other] = [new AbortController(), new AbortController()];
    const [first, second] = [engine.teach(task, one.signal), engine.teach(task, other.signal)];
    const rejected = assert.rejects(first, /enough/u);
    one.abort(new Error('enough'));
    await rejected;
    assert.ok((await second).estimate);
    const again = new AbortController();
    const third = engine.teach({ ...task, silent: 'tool' }, again.signal);
    const given = assert.rejects(third, /enough/u);
    again.abort(new Error('enough'));
    await given;
    assert.equal((await engine.teach({ ...task, silent: 'tool' })).task.promise.of, 'findings');
    await engine.dispose();
  });
});
