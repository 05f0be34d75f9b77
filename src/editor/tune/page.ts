import * as vscode from 'vscode';

/** Where the build puts the page's script and style. */
export function pageFolder(extension: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extension, 'dist', 'webview');
}

/** The page of the Tune view. Its policy lets nothing in but its own script and style, and opens no connection. */
export function pageOf(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = crypto.randomUUID();
  const file = (name: string): string => escape(webview.asWebviewUri(vscode.Uri.joinPath(pageFolder(extension), name)).toString());
  return `<!DOCTYPE html>
<html lang="${escape(vscode.env.language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escape(vscode.l10n.t('Tune Glance'))}</title>
  <link rel="stylesheet" nonce="${nonce}" href="${file('tune-style.css')}">
  <script defer nonce="${nonce}" src="${file('tune.js')}"></script>
</head>
<body>
  <main hidden>
    <h1>${escape(vscode.l10n.t('Tune Glance'))}</h1>
    <p>${escape(vscode.l10n.t('How much may differ from what the full model says? The more, the sooner a text may leave the encoder, and the faster Glance is.'))}</p>
    <p class="choice"><label for="task">${escape(vscode.l10n.t('Kind of text'))}</label> <select id="task"></select></p>
    <section aria-labelledby="share-label">
      <label id="share-label" for="share"></label>
      <div class="slider">
        <input id="share" type="range" min="0" step="1" aria-describedby="in-use">
        <ol id="levels" aria-hidden="true"></ol>
        <div class="ends" aria-hidden="true"><span>${escape(vscode.l10n.t('Exact'))}</span><span>${escape(vscode.l10n.t('Fastest'))}</span></div>
      </div>
      <p id="promise" class="promise"></p>
      <p id="in-use" class="note"></p>
      <p id="set-aside" class="caution" hidden><span></span> <button class="link" id="settings">${escape(vscode.l10n.t('Change the Setting'))}</button></p>
      <div class="buttons">
        <button id="apply-workspace">${escape(vscode.l10n.t('Apply to This Workspace'))}</button>
        <button id="apply-user" class="secondary">${escape(vscode.l10n.t('Apply Everywhere'))}</button>
        <span id="applied" role="status"></span>
      </div>
    </section>
    <div class="columns">
      <section aria-labelledby="package-heading">
        <h2 id="package-heading">${escape(vscode.l10n.t('The model package'))}</h2>
        <div id="package"></div>
      </section>
      <section aria-labelledby="workspace-heading">
        <h2 id="workspace-heading">${escape(vscode.l10n.t('Your workspace'))}</h2>
        <p id="workspace-text"></p>
        <div class="buttons">
          <button id="measure"></button>
          <progress id="progress" max="1" aria-labelledby="workspace-text" hidden></progress>
          <button id="cancel" class="secondary" hidden>${escape(vscode.l10n.t('Cancel'))}</button>
        </div>
        <p id="finished" class="for-screen-readers" role="status"></p>
        <div id="workspace"></div>
      </section>
    </div>
    <section id="examples" aria-labelledby="examples-heading" hidden>
      <h2 id="examples-heading"></h2>
      <ul></ul>
    </section>
    <template id="curve">
      <figure></figure>
      <p class="summary"></p>
      <p class="caution"></p>
      <details><summary>${escape(vscode.l10n.t('As a table'))}</summary><table><thead></thead><tbody></tbody></table></details>
    </template>
  </main>
</body>
</html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
