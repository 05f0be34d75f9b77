import * as vscode from 'vscode';
import { Settings } from '../settings';
import type { Classifications, Finding } from './classifications';

const FUNCTIONS: ReadonlySet<vscode.SymbolKind> = new Set([vscode.SymbolKind.Function, vscode.SymbolKind.Method, vscode.SymbolKind.Constructor]);

/** Findings that are summed up at one place. */
interface Group {
  readonly range: vscode.Range;
  readonly findings: Finding[];
}

/** Sums up the findings of a file, or of each of its functions, above them; clicked, it leads to them. */
export class FindingLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable;

  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(
    private readonly classifications: Classifications,
    private readonly settings: Settings,
  ) {
    this.subscriptions = vscode.Disposable.from(
      this.changed,
      classifications.onDidChange((document) => {
        if (this.settings.codeLens(document) !== 'off' && !classifications.isBusy(document)) {
          this.changed.fire();
        }
      }),
      settings.onDidChange(() => this.changed.fire()),
    );
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const outcome = this.classifications.of(document);
    const kind = this.settings.codeLens(document);
    if (kind === 'off' || outcome?.kind !== 'done' || outcome.answer.findings.length === 0) {
      return [];
    }
    const { findings } = outcome.answer;
    const file: Group = { range: new vscode.Range(0, 0, 0, 0), findings: [] };
    const functions = kind === 'function' ? await functionsOf(document) : [];
    findings.forEach((finding) => (functions.findLast(({ range }) => isOf(finding, range)) ?? file).findings.push(finding));
    return [file, ...functions].filter((group) => group.findings.length > 0).map((group) => lens(document, group, group === file && file.findings.length < findings.length));
  }

  dispose(): void {
    this.subscriptions.dispose();
  }
}

/** The functions of a document as its language extension tells them, outer ones before those in them; none where it tells nothing. */
async function functionsOf({ uri }: vscode.TextDocument): Promise<Group[]> {
  const symbols = await vscode.commands.executeCommand<(vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined>('vscode.executeDocumentSymbolProvider', uri);
  return flatten(symbols ?? [])
    .filter(({ kind }) => FUNCTIONS.has(kind))
    .map((symbol) => ({ range: 'range' in symbol ? symbol.range : symbol.location.range, findings: [] }));
}

function flatten(symbols: readonly (vscode.DocumentSymbol | vscode.SymbolInformation)[]): (vscode.DocumentSymbol | vscode.SymbolInformation)[] {
  return symbols.flatMap((symbol) => [symbol, ...('children' in symbol ? flatten(symbol.children) : [])]);
}

/** Whether a comment belongs to a function: it stands in it, or directly above, as doc comments do. */
function isOf({ range: { start, end } }: Finding, { start: top, end: bottom }: vscode.Range): boolean {
  return (start.isAfterOrEqual(top) && start.isBefore(bottom)) || end.line + 1 === top.line;
}

/** @param elsewhere whether the functions of the file have summed up findings as well. */
function lens({ uri }: vscode.TextDocument, { range, findings }: Group, elsewhere: boolean): vscode.CodeLens {
  const places = findings.map((finding) => new vscode.Location(uri, finding.range));
  const title = describe(findings.length, elsewhere);
  return new vscode.CodeLens(new vscode.Range(range.start, range.start), {
    title,
    tooltip: vscode.l10n.t('Go to them'),
    command: 'editor.action.goToLocations',
    arguments: [uri, range.start, places, 'peek'],
  });
}

function describe(count: number, elsewhere: boolean): string {
  if (elsewhere) {
    return count === 1 ? vscode.l10n.t('1 comment outside of functions admits debt') : vscode.l10n.t('{0} comments outside of functions admit debt', count);
  }
  return count === 1 ? vscode.l10n.t('1 comment admits debt') : vscode.l10n.t('{0} comments admit debt', count);
}
