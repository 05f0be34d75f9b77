/** The page of the Tune view: shows what the extension tells it, and keeps what its user has chosen while it is hidden. */
import { CurveBox } from './curve-box';
import { create, element, fill, onClick, say } from './dom';
import { readFromHost, type FromPage, type TaskView, type TuneView } from './messages';

/** What is kept while the page is hidden. */
interface State {
  /** The level that its user looks at; without one, the level in use. */
  readonly level?: number;
  /** Identifier of the task that its user looks at; without one, the first. */
  readonly task?: string;
}

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void; getState(): State | undefined; setState(state: State): void };

const host = acquireVsCodeApi();
let state: State = host.getState() ?? {};
let view: TuneView | undefined;

const main = element('main', HTMLElement);
const share = element('#share', HTMLInputElement);
const choice = element('#task', HTMLSelectElement);
const examples = element('#examples', HTMLElement);
const curves = { package: new CurveBox('#package'), workspace: new CurveBox('#workspace') };

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const message = readFromHost(data);
  if (!message) {
    return;
  }
  if (view && view.inUse !== message.view.inUse) {
    keep({ ...state, level: message.view.inUse });
  }
  for (const { id, workspace } of message.view.tasks) {
    const before = view?.tasks.find((task) => task.id === id)?.workspace;
    if (before?.kind === 'running' && workspace.kind !== 'running') {
      say('#finished', workspace.text);
    }
  }
  view = message.view;
  show(view);
});
share.addEventListener('input', () => choose({ ...state, level: share.valueAsNumber }));
choice.addEventListener('change', () => choose({ ...state, task: choice.value }));
onClick('#apply-workspace', () => host.postMessage({ kind: 'apply', level: share.valueAsNumber, scope: 'workspace' }));
onClick('#apply-user', () => host.postMessage({ kind: 'apply', level: share.valueAsNumber, scope: 'user' }));
onClick('#measure', () => host.postMessage({ kind: 'measure', task: choice.value }));
onClick('#cancel', () => host.postMessage({ kind: 'cancel', task: choice.value }));
onClick('#settings', () => host.postMessage({ kind: 'settings' }));
new ResizeObserver(() => view && show(view)).observe(main);
host.postMessage({ kind: 'ready' });

function choose(next: State): void {
  keep(next);
  if (view) {
    show(view);
  }
}

function keep(next: State): void {
  state = next;
  host.setState(next);
}

function show(shown: TuneView): void {
  main.hidden = false;
  const { levels, tasks } = shown;
  const task = tasks.find(({ id }) => id === state.task) ?? tasks[0];
  if (!task) {
    return;
  }
  const level = Math.min(state.level ?? shown.inUse, levels.length - 1);
  fill(choice, tasks.map(({ id, title }) => new Option(title, id)));
  choice.value = task.id;
  showSlider(shown, task, level);
  curves.package.show(task.package.curve, levels, level, task.package.note);
  showWorkspace(task, levels, level);
}

function showSlider({ levels, inUseText, applied, setAside, canApplyToWorkspace }: TuneView, { question, promises }: TaskView, level: number): void {
  say('#share-label', question);
  share.max = String(levels.length - 1);
  share.valueAsNumber = level;
  const promise = promises[level] ?? '';
  share.setAttribute('aria-valuetext', `${levels[level]?.label ?? ''}. ${promise}`);
  fill(element('#levels', HTMLElement), levels.map((each, index) => create('li', index === level ? 'chosen' : '', each.label)));
  say('#promise', promise);
  say('#in-use', inUseText);
  say('#applied', applied);
  const aside = element('#set-aside', HTMLElement);
  aside.hidden = setAside === '';
  say('#set-aside span', setAside);
  element('#apply-workspace', HTMLButtonElement).disabled = !canApplyToWorkspace;
}

function showWorkspace({ id, workspace }: TaskView, levels: TuneView['levels'], level: number): void {
  const [measure, cancel, progress] = [element('#measure', HTMLButtonElement), element('#cancel', HTMLButtonElement), element('#progress', HTMLProgressElement)];
  const isRunning = workspace.kind === 'running';
  const label = 'measure' in workspace ? workspace.measure : '';
  // Who pressed one of the two finds the other in its place.
  const hadFocus = document.activeElement === measure || document.activeElement === cancel;
  say('#measure', label);
  measure.hidden = label === '';
  cancel.hidden = progress.hidden = !isRunning;
  if (hadFocus) {
    (isRunning ? cancel : measure).focus();
  }
  progress.value = isRunning ? workspace.progress : 0;
  say('#workspace-text', workspace.text);
  const measured = workspace.kind === 'measured' ? workspace : undefined;
  curves.workspace.show(measured?.curve, levels, level, measured?.cautions[level] ?? '');
  const { heading = '', shown = [] } = measured?.examples[level] ?? {};
  examples.hidden = shown.length === 0;
  say('#examples-heading', heading);
  fill(element('#examples ul', HTMLElement), shown.map(({ text, change, place }, example) => {
    const link = create('button', 'link', place);
    link.addEventListener('click', () => host.postMessage({ kind: 'open', task: id, level, example }));
    const item = create('li', '');
    item.append(create('q', '', text), create('span', 'note', change), link);
    return item;
  }));
}
