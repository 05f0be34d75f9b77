/** A process that does with an engine what an editor does: asks for everything, brings it down, asks again. */
import { ChildEngine } from '../../src/engine/child-engine';
import { SupervisedEngine } from '../../src/engine/supervised-engine';
import { SHIPPED } from './shipped';

const [server = ''] = process.argv.slice(2);
void (async () => {
  let child: ChildEngine | undefined;
  const engine = new SupervisedEngine(() => (child = new ChildEngine(server, SHIPPED, { chosenModel: '/no/such/folder' })));
  const ask = async (): Promise<void> => {
    const { snippets } = await engine.findComments({ source: '// TODO: this is a hack\nlet a; // the answer', language: 'typescript' });
    await engine.classify({ task: 'comment-debt', texts: snippets.map(({ text }) => text), policy: { kind: 'full' } });
    await engine.describe();
  };
  await ask();
  process.kill(child?.processId ?? 0, 'SIGKILL');
  await ask();
  await engine.dispose();
  process.stdout.write('done\n');
})();
