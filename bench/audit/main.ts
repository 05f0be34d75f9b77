/** `npm run audit`: see docs/audit.md. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { contributes } from '../../package.json';
import { COMMENT_DEBT } from '../../src/core/tasks/comment-debt';
import { LocalEngine } from '../../src/engine/local-engine';
import { FILES, ROOT, WORK } from '../paths';
import { replaceBetweenMarkers } from '../report';
import { stratumOf, type Audit, type Verdict } from './findings';
import { defaultLimit } from './limit';
import { REGISTRIES } from './packages';
import { readVerdicts, withVerdicts, writeReading, type Verdicts } from './reading';
import { AUDIT_MARKERS, renderAudit } from './report';
import { drawSample, strataOf } from './sample';
import { describeModel, isKnownToModel, scanPackage, shippedModel, type ScannedPackage } from './scan';

const USAGE = `npm run audit [-- OPTION]: how many findings in real packages are right?

  (none)      classifies the comments of installed packages and draws a sample to read
  --take      takes in what was read: writes bench/audit/findings.json and docs/audit.md
  --print     writes docs/audit.md anew from bench/audit/findings.json
  --help`;

const SEED = 200;
const FEWEST_PACKAGES = 30;

/** What somebody reads, and what is known of it. Both hold what must not be published, or is not finished. */
const READING = path.join(WORK, 'reading.jsonl');
const SAMPLE = path.join(WORK, 'sample.json');
const FINDINGS = path.join(ROOT, 'bench', 'audit', 'findings.json');
const DOCUMENT = path.join(ROOT, 'docs', 'audit.md');

/** Its message is for people. */
class Problem extends Error {}

function say(message: string): void {
  process.stderr.write(`[audit] ${message}\n`);
}

/** The kinds of debt that a finding may be of. */
function kindsOfDebt(): string[] {
  return Object.keys(COMMENT_DEBT.labels).filter((label) => label !== COMMENT_DEBT.silentLabel);
}

/** What is set where nobody sets anything. */
function defaultMaxDisagreement(): number {
  return contributes.configuration.properties['glance.maxDisagreement'].default / 100;
}

async function sample(): Promise<void> {
  const maxDisagreement = defaultMaxDisagreement();
  const engine = new LocalEngine(FILES);
  const scanned: ScannedPackage[] = [];
  for (const { name: registry, packages, locate } of REGISTRIES) {
    for (const name of packages) {
      const installed = isKnownToModel(registry, name) ? undefined : locate(name);
      const result = installed && (await scanPackage(`${registry} ${name} ${installed.version}`, installed, engine, maxDisagreement, SEED));
      if (result && result.facts.comments > 0) {
        say(`${result.facts.name}: ${result.facts.findings} findings in ${result.facts.comments} comments`);
        scanned.push(result);
      }
    }
  }
  if (scanned.length < FEWEST_PACKAGES) {
    throw new Problem(`Only ${scanned.length} of the packages in bench/audit/packages.ts are installed; ${FEWEST_PACKAGES} are needed. Install more of them, or add others to the list.`);
  }
  const known = knownVerdicts();
  const found = scanned.flatMap((one) => one.found);
  const chosen = new Set(drawSample(found.map(({ finding }) => finding), SEED));
  const drawn = found.filter(({ finding }) => chosen.has(finding));
  const findings = withVerdicts(drawn.map(({ finding }) => ({ ...finding, stratum: stratumOf(finding) })), known);
  const drawnTexts = new Set(findings.map(({ sha256 }) => sha256));
  const audit: Audit = {
    model: await describeModel(engine),
    maxDisagreement,
    packages: scanned.map(({ facts }) => facts),
    strata: strataOf(found.map(({ finding }) => finding)),
    findings,
    readBefore: Object.fromEntries([...known].filter(([sha256]) => !drawnTexts.has(sha256))),
  };
  await engine.dispose();
  mkdirSync(WORK, { recursive: true });
  writeFileSync(SAMPLE, JSON.stringify(audit));
  writeFileSync(READING, writeReading(drawn, known));
  const unread = findings.filter(({ kinds }) => kinds === null).length;
  say(`${unread} of ${findings.length} findings are to be read. In each line of ${path.relative(ROOT, READING)} set "kinds" to the kinds of debt that the comment admits (${kindsOfDebt().join(', ')}), [] if none, and then run: npm run audit -- --take`);
}

/** Verdicts that were taken in, and those that still wait for it. */
function knownVerdicts(): Verdicts {
  const verdicts: (readonly [string, Verdict])[] = [];
  for (const file of [FINDINGS, SAMPLE].filter(existsSync)) {
    const { findings, readBefore } = JSON.parse(readFileSync(file, 'utf8')) as Audit;
    verdicts.push(...Object.entries(readBefore), ...findings.map(({ sha256, kinds }) => [sha256, kinds] as const));
  }
  verdicts.push(...(existsSync(READING) ? readingVerdicts() : []));
  return new Map(verdicts.filter(([, kinds]) => kinds !== null));
}

function readingVerdicts(): Verdicts {
  try {
    return readVerdicts(readFileSync(READING, 'utf8'), kindsOfDebt());
  } catch (error) {
    throw new Problem(`${path.relative(ROOT, READING)}: ${(error as Error).message}`);
  }
}

function take(): void {
  if (!existsSync(SAMPLE) || !existsSync(READING)) {
    throw new Problem('There is no sample that was read: run "npm run audit" first.');
  }
  const drawn = JSON.parse(readFileSync(SAMPLE, 'utf8')) as Audit;
  const audit: Audit = { ...drawn, findings: withVerdicts(drawn.findings, readingVerdicts()) };
  writeFileSync(FINDINGS, `${JSON.stringify(audit, undefined, 1)}\n`);
  say('written: bench/audit/findings.json');
  print(audit);
}

/** Writes the document, and says what follows for the default limit. */
function print(audit: Audit): void {
  const report = renderAudit(audit);
  writeFileSync(DOCUMENT, replaceBetweenMarkers(readFileSync(DOCUMENT, 'utf8'), report, AUDIT_MARKERS));
  process.stdout.write(`${report}\n`);
  say('written: docs/audit.md');
  const [wanted, set] = [defaultLimit(audit, shippedModel()), contributes.configuration.properties['glance.comments.minimumConfidence'].default];
  if (wanted !== set) {
    say(`The default of glance.comments.minimumConfidence is to be ${wanted}, and is ${set}: set it in package.json, and MINIMUM_FINDING_CONFIDENCE in src/core/findings/finding.ts, and run: npm run docs`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { take: { type: 'boolean' }, print: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
  } else if (values.take) {
    take();
  } else if (values.print) {
    print(JSON.parse(readFileSync(FINDINGS, 'utf8')) as Audit);
  } else {
    await sample();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(error instanceof Problem ? `${error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
