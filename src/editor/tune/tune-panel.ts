import * as vscode from 'vscode';
import { readFromPage, type FromHost, type FromPage, type TuneView } from '../../webview/tune/messages';
import { pageFolder, pageOf } from './page';

/** What the page wants done. */
export type PageRequest = Exclude<FromPage, { readonly kind: 'ready' }>;

/** What VS Code calls the view's editors, those of the window before included. */
export const TUNE_VIEW = 'glance.tune';

/** The Tune view: an editor with a page in it. */
export class TunePanel implements vscode.Disposable {
  private view: TuneView | undefined;

  /**
   * @param receive hears what the page asks for, if it is well-formed.
   * @param onDispose hears that the view is closed.
   * @param panel that VS Code brings back.
   */
  constructor(
    extension: vscode.Uri,
    receive: (message: PageRequest) => void,
    onDispose: () => void,
    private readonly panel = vscode.window.createWebviewPanel(TUNE_VIEW, vscode.l10n.t('Tune Glance'), vscode.ViewColumn.Active),
  ) {
    this.panel.webview.options = { enableScripts: true, localResourceRoots: [pageFolder(extension)] };
    this.panel.onDidDispose(onDispose);
    this.panel.webview.onDidReceiveMessage((given: unknown) => {
      const message = readFromPage(given);
      if (message?.kind === 'ready') {
        // The page is new, or comes back after it was hidden.
        this.post();
      } else if (message) {
        receive(message);
      }
    });
    this.panel.webview.html = pageOf(this.panel.webview, extension);
  }

  reveal(): void {
    this.panel.reveal();
  }

  show(view: TuneView): void {
    this.view = view;
    this.post();
  }

  dispose(): void {
    this.panel.dispose();
  }

  private post(): void {
    if (this.view) {
      const message: FromHost = { kind: 'view', view: this.view };
      void this.panel.webview.postMessage(message);
    }
  }
}
