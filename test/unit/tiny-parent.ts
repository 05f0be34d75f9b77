/** A process that keeps an engine busy until it is killed, and says of each engine which process it is. */
import { ChildEngine } from '../../src/engine/child-engine';
import { SupervisedEngine } from '../../src/engine/supervised-engine';

const [server = ''] = process.argv.slice(2);
const engine = new SupervisedEngine(() => {
  const child = new ChildEngine(server, { model: '', grammars: '' });
  process.stdout.write(`${child.processId}\n`);
  return child;
});
const request = { task: 'tiny-task', texts: Array<string>(50).fill('todo fix this'), policy: { kind: 'full' } } as const;
void (async () => {
  for (;;) {
    await engine.classify(request);
    process.stdout.write('answered\n');
  }
})();
