/** What may stand in a place of the command line, for completions: one of some words, or the name of a file or folder. */
export type Offer = 'files' | 'folders' | readonly string[];

/** An option of a command. */
export interface Option {
  /** Placeholder of its value, as in `--task TASK`. Without one it is a switch. */
  readonly value?: string;
  /** What its value may be, where that can be listed. */
  readonly offer?: Offer;
  /** What it does, in a phrase or two. */
  readonly help: string;
  /** Heading of its group in the help, where it is not one of the usual options. */
  readonly group?: string;
}

/** Options by name, without dashes. */
export type Options = Readonly<Record<string, Option>>;

/** What was given for options. */
export type Values<Known extends Options> = { readonly [Name in keyof Known]?: (Known[Name] extends { readonly value: string } ? string : boolean) | undefined };

/** A command of `glance`: what the parser, the help and the completions know of it, and what it does. */
export interface Command<Known extends Options = Options> {
  /** One word, or several: `model check`. */
  readonly name: string;
  /** For the list of commands. */
  readonly summary: string;
  /** Ways to call it, without `glance`. */
  readonly usage: readonly string[];
  readonly options: Known;
  /** What its operands may be. */
  readonly offer: Offer;
  /** Further paragraphs of its help, lines and all. */
  readonly notes?: readonly string[];
  /** Statuses that it ends with besides 0 and 2, and when. */
  readonly statuses?: Readonly<Record<number, string>>;
  /** Command lines with what each does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /**
   * @returns the exit status.
   * @throws {UsageError} saying what is wrong with what it was given.
   */
  run(values: Values<Known>, operands: readonly string[]): Promise<number>;
}

/** Declares a command, with the types of its options' values. */
export function command<const Known extends Options>(declared: Command<Known>): Command {
  return declared;
}
