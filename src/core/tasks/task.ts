/** How a label of a task is shown. */
export interface LabelPresentation {
  /** Begins a sentence: "Design debt". */
  readonly title: string;
  /** One sentence on what the label means. */
  readonly description: string;
}

/** Something that texts can be classified for. Its labels come from the model package; this is how they are prepared and shown. */
export interface Task {
  readonly id: string;
  /** Turns a text as found (in an editor, in a row) into what the model reads. */
  readonly prepare: (text: string) => string;
  /** By label. */
  readonly labels: Readonly<Record<string, LabelPresentation>>;
  /** The label of texts that are no finding. */
  readonly silentLabel: string;
}
