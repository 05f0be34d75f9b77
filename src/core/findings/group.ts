import type { FileFindings, Finding } from './finding';

/** How a list of findings can be grouped. */
export const GROUPINGS = ['label', 'folder', 'confidence'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Least confidence of each band, the surest first. */
export const CONFIDENCE_BANDS = [0.9, 0.75, 0.5, 0] as const;

/** The confidence band of a finding: its least confidence. */
export function bandOf({ decision: { confidence } }: Finding): number {
  return CONFIDENCE_BANDS.find((least) => confidence >= least) ?? 0;
}

/** Some findings of one file, in order of position. */
export interface FileGroup<File extends FileFindings> {
  readonly kind: 'file';
  readonly file: File;
  readonly findings: File['findings'];
}

/** Findings that have something in common. */
export interface FindingGroup<File extends FileFindings> {
  readonly kind: 'group';
  /** A label, a folder's path relative to the group it is in, or the least confidence of a band. */
  readonly key: string;
  readonly groups: readonly (FindingGroup<File> | FileGroup<File>)[];
  /** Findings in it, at any depth. */
  readonly count: number;
}

/** Groups findings by label, in the order of `labels`; in each the files in the order given. Groups without findings are left out. */
export function groupByLabel<File extends FileFindings>(files: readonly File[], labels: readonly string[]): FindingGroup<File>[] {
  return groupBy(files, labels, ({ decision }) => decision.label);
}

/** Groups findings by confidence band, the surest first. */
export function groupByConfidence<File extends FileFindings>(files: readonly File[]): FindingGroup<File>[] {
  return groupBy(files, CONFIDENCE_BANDS.map(String), (finding) => String(bandOf(finding)));
}

/** Groups files by folder. A folder with nothing but one folder in it is shown together with it, as `src/core`. Folders come before files, each in order of name. */
export function groupByFolder<File extends FileFindings>(files: readonly File[]): (FindingGroup<File> | FileGroup<File>)[] {
  const root = new Folder<File>();
  for (const file of files) {
    if (file.findings.length > 0) {
      root.add(file.path.split('/'), { kind: 'file', file, findings: file.findings });
    }
  }
  return root.groups();
}

class Folder<File extends FileFindings> {
  private readonly folders = new Map<string, Folder<File>>();
  private readonly files: FileGroup<File>[] = [];

  add([name = '', ...below]: readonly string[], file: FileGroup<File>): void {
    if (below.length === 0) {
      this.files.push(file);
      return;
    }
    const folder = this.folders.get(name) ?? new Folder<File>();
    this.folders.set(name, folder);
    folder.add(below, file);
  }

  groups(): (FindingGroup<File> | FileGroup<File>)[] {
    const folders = [...this.folders].map(([name, folder]): FindingGroup<File> => {
      const groups = folder.groups();
      const [only] = groups;
      return groups.length === 1 && only?.kind === 'group' ? { ...only, key: `${name}/${only.key}` } : { kind: 'group', key: name, groups, count: countOf(groups) };
    });
    folders.sort((a, b) => (a.key < b.key ? -1 : 1));
    return [...folders, ...this.files.sort((a, b) => (a.file.path < b.file.path ? -1 : 1))];
  }
}

function groupBy<File extends FileFindings>(files: readonly File[], keys: readonly string[], keyOf: (finding: Finding) => string): FindingGroup<File>[] {
  const byKey = new Map(keys.map((key) => [key, [] as FileGroup<File>[]]));
  for (const file of files) {
    const own = new Map<string, Finding[]>();
    for (const finding of file.findings) {
      const key = keyOf(finding);
      const same = own.get(key);
      if (same) {
        same.push(finding);
      } else {
        own.set(key, [finding]);
      }
    }
    own.forEach((findings, key) => byKey.get(key)?.push({ kind: 'file', file, findings }));
  }
  return [...byKey].flatMap(([key, groups]): FindingGroup<File>[] => (groups.length === 0 ? [] : [{ kind: 'group', key, groups, count: countOf(groups) }]));
}

/** Findings in groups, at any depth. */
export function countOf<File extends FileFindings>(groups: readonly (FindingGroup<File> | FileGroup<File>)[]): number {
  return groups.reduce((sum, group) => sum + (group.kind === 'file' ? group.findings.length : group.count), 0);
}
