import * as vscode from 'vscode';
import type { Commands, Parts, Surface } from '../surface';
import { CommitTypeTool } from './commit-type-tool';
import { DebtTool } from './debt-tool';

/** What registers tools. Some editors made from VS Code have none of it. */
export type ToolRegistry = Pick<typeof vscode.lm, 'registerTool'>;

/** Lets agents in the editor ask what Glance knows, on this machine. */
export class LanguageModelSurface implements Surface {
  readonly commands: Commands = {};
  private readonly registrations: vscode.Disposable;

  constructor({ engine, settings, filter }: Pick<Parts, 'engine' | 'settings' | 'filter'>, registry: Partial<ToolRegistry> | undefined = vscode.lm) {
    this.registrations = vscode.Disposable.from(
      ...(registry?.registerTool
        ? [
            registry.registerTool('glance_debt', new DebtTool(engine, settings, filter)),
            registry.registerTool('glance_commit_type', new CommitTypeTool(engine, settings)),
          ]
        : []),
    );
  }

  dispose(): void {
    this.registrations.dispose();
  }
}
