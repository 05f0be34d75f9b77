/** How a label of a task is shown. */
export interface LabelPresentation {
  /** Begins a sentence: "Design debt". */
  readonly title: string;
  /** One sentence on what the label means. */
  readonly description: string;
}

/** A text as found, in an editor or in a row, with what else is known of it. */
export interface TaskInput {
  readonly text: string;
  /** Paths that a commit changes. */
  readonly paths?: readonly string[] | undefined;
  /** Heading of a section of documentation, with or without its number signs. */
  readonly heading?: string | undefined;
}

/** What keeps something of unknown origin from being an input, to be read after its name: 'has no "text" ...'. Nothing where it is one. */
export function faultOfInput({ text, paths, heading }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof text !== 'string') {
    return 'has no "text" that is a string';
  }
  if (paths !== undefined && !(Array.isArray(paths) && paths.every((path) => typeof path === 'string'))) {
    return 'has "paths" that are not a list of strings';
  }
  return heading !== undefined && typeof heading !== 'string' ? 'has a "heading" that is not a string' : undefined;
}

/** Something that texts can be classified for. Its labels come from the model package; this is how they are prepared and shown. */
export interface Task {
  readonly id: string;
  /** What its texts are, and so where they are found: comments, in source files. */
  readonly texts: 'comments' | 'commit messages' | 'sections of documentation' | 'texts';
  /** What it takes, to show people who gave it something else. */
  readonly example: TaskInput;
  /** Turns a text as found into what the model reads: the same as in Python's `training/glance_training/tasks`. */
  readonly prepare: (input: TaskInput) => string;
  /** By label. Made when they are asked for: the person's language is known later than this module is loaded. */
  readonly labels: Readonly<Record<string, LabelPresentation>>;
  /** The label of texts that are no finding. Without one, a task sorts texts, and none is a finding. */
  readonly silentLabel?: string;
}

/** Joins the parts of a text that has several; tokenizers turn it into the token between two texts. */
export function joinParts(...parts: readonly string[]): string {
  return parts.join(' [SEP] ');
}

/** The first characters of a text, of which each takes one UTF-16 code unit or two: not all of a text of many megabytes is to be taken apart. */
export function firstCharacters(text: string, count: number): string {
  return text.length <= count ? text : [...text.slice(0, 2 * count)].slice(0, count).join('');
}
