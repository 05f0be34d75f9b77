import { ErrorCodes, NotificationType, NotificationType0, ProgressType, RequestType, ResponseError } from 'vscode-jsonrpc/node';
import { ModelPackageError } from '../core/model/error';
import type { Decision } from '../core/exits/decision';
import type { CommentsFound } from '../core/sources/comments/comments';
import type { TaughtTask } from '../core/teach/taught-task';
import type { ClassifyRequest, CommentsRequest, EngineFiles, EngineOptions, ModelDescription, TaughtDescription } from './engine';

/**
 * What the extension host and the engine's process say to each other: JSON-RPC over the channel of a forked process, with the
 * cancellation that vscode-jsonrpc brings. Every request gives the same answer however often it is sent.
 */
export const Describe = new RequestType<null, ModelDescription, FaultData>('glance/describe');
export const Classify = new RequestType<ClassifyRequest, Decision[], FaultData>('glance/classify');
export const Teach = new RequestType<TeachRequest, TaughtDescription, FaultData>('glance/teach');
export const FindComments = new RequestType<CommentsRequest, CommentsFound, FaultData>('glance/findComments');

/** A taught task to train. */
export interface TeachRequest {
  readonly task: TaughtTask;
  /** What {@link Progress} of it is told with. */
  readonly progressToken: number;
}

/** Share of the work that is done, from 0 to 1. */
export const Progress = new ProgressType<number>();

/** Answered as soon as the engine's thread is free: a sign of life. */
export const Ping = new RequestType<null, null, void>('glance/ping');

/** Asks the engine's process to end. */
export const Exit = new NotificationType0('glance/exit');

/** Why the model package that the user chose is not used. */
export const ModelFault = new NotificationType<string>('glance/modelFault');

/** What the engine's process is to run, and how. */
export interface EngineSetup {
  readonly files: EngineFiles;
  /** Folder of the model package to use in place of `files.model` as long as it can be; the path need not be a good one. */
  readonly chosenModel?: string | undefined;
  /** File with the translations of what the engine's process says; without one it says it in English. */
  readonly translations?: string | undefined;
  readonly options: EngineOptions;
}

/** The arguments of the engine's process. */
export function engineArguments(setup: EngineSetup): string[] {
  return [JSON.stringify(setup)];
}

/** What an error needs to be the same error on the other side. */
export type FaultData = { readonly kind: 'model-package'; readonly file: string; readonly fault: string; readonly folder: string | undefined } | { readonly kind: 'range' };

/** An error as it travels. */
export function toResponseError(error: unknown): ResponseError<FaultData> {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ModelPackageError) {
    return new ResponseError(ErrorCodes.InternalError, message, { kind: 'model-package', file: error.file, fault: error.fault, folder: error.folder });
  }
  if (error instanceof RangeError) {
    return new ResponseError(ErrorCodes.InvalidParams, message, { kind: 'range' });
  }
  return new ResponseError(ErrorCodes.InternalError, message);
}

/** The error that travelled. */
export function fromResponseError(error: unknown): Error {
  if (!(error instanceof ResponseError)) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const data = error.data as FaultData | undefined;
  switch (data?.kind) {
    case 'model-package':
      return new ModelPackageError(data.file, data.fault, data.folder);
    case 'range':
      return new RangeError(error.message);
    case undefined:
      return new Error(error.message);
  }
}
