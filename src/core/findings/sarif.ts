import type { Location, ReportingDescriptor, Result, Run } from 'sarif';
import { answerTitle, percent } from '../tasks/describe';
import type { Task } from '../tasks/task';
import { excerptOf, type Finding } from './finding';
import type { Report } from './report';

/** Where readers find the format's schema: its identifier, which nothing of Glance ever looks up. */
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json';

/** Findings as a SARIF 2.1.0 log (OASIS standard, 2020) with one run. Paths are relative: the log tells nothing of the machine it was made on. */
export function* sarifReport({ version, task, folders }: Report): Generator<string> {
  const rules = rulesOf(task);
  const bases = folders.map(({ name }, index) => (folders.length === 1 ? 'SRCROOT' : `SRCROOT${index + 1}:${name}`));
  const run: Omit<Run, 'results'> = {
    tool: { driver: { name: 'Glance', version, semanticVersion: version, rules } },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: Object.fromEntries(bases.map((base, index) => [base, { description: { text: `The folder ${folders[index]?.name}.` } }])),
  };
  yield `{"version": "2.1.0", "$schema": "${SCHEMA}", "runs": [{${JSON.stringify(run).slice(1, -1)}, "results": [`;
  let separator = '\n';
  for (const [index, { files }] of folders.entries()) {
    for (const { path, findings } of files) {
      for (const finding of findings) {
        const location = locationOf(path, bases[index], finding);
        yield `${separator}${JSON.stringify(resultOf(task, rules, finding, location))}`;
        separator = ',\n';
      }
    }
  }
  yield '\n]}]}\n';
}

/** A rule for each label that is a finding. */
function rulesOf({ id, labels, silentLabel }: Task): ReportingDescriptor[] {
  return Object.entries(labels).flatMap(([label, { title, description }]) =>
    label === silentLabel
      ? []
      : [
          {
            id: `${id}/${label}`,
            name: title.replace(/\W+(\w)/gu, (_, letter: string) => letter.toUpperCase()),
            shortDescription: { text: `${title}.` },
            fullDescription: { text: description },
            help: { text: `${description} Mend it, or say why it stays. A result's rank is how sure Glance is, in percent, that it is a finding.` },
            defaultConfiguration: { level: 'note' as const },
          },
        ],
  );
}

function resultOf(task: Task, rules: readonly ReportingDescriptor[], finding: Finding, location: Location): Result {
  const { text, decision, fingerprint } = finding;
  const { label, confidence, findingConfidence, exit, lastExit } = decision;
  const ruleId = `${task.id}/${label}`;
  return {
    ruleId,
    ruleIndex: rules.findIndex(({ id }) => id === ruleId),
    level: 'note',
    message: { text: `${answerTitle(task, decision)}, ${percent(findingConfidence)} sure: ${excerptOf(text)}` },
    locations: [location],
    partialFingerprints: { 'glanceFinding/v1': fingerprint },
    rank: findingConfidence * 100,
    properties: { confidence, findingConfidence, exit, lastExit },
  };
}

function locationOf(path: string, uriBaseId: string | undefined, { start, end }: Finding): Location {
  const uri = path.split('/').map(encodeURIComponent).join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri, ...(uriBaseId !== undefined && { uriBaseId }) },
      // From 1; the end column is that of the first character after it.
      region: { startLine: start.line + 1, startColumn: start.column + 1, endLine: end.line + 1, endColumn: end.column + 1 },
    },
  };
}
