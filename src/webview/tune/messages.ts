import * as z from 'zod/mini';

// The page allows no code to be made at run time, which the library would do for speed.
z.config({ jitless: true });

const share = z.number().check(z.nonnegative());
const perLevel = z.array(z.string());

/** A curve with one point per level of the slider. */
const curveSchema = z.object({
  /** What the plot shows. */
  title: z.string(),
  /** What its axes show. */
  across: z.string(),
  /** What its marks mean. */
  legend: z.string(),
  up: z.string(),
  lastExit: z.int().check(z.nonnegative()),
  points: z.array(
    z.object({
      /** What differs, as a share from 0. */
      differs: share,
      /** What may differ. */
      promised: share,
      /** Its upper bound, where there is one. */
      highest: z.optional(share),
      meanExit: z.number().check(z.nonnegative()),
    }),
  ),
  /** The same in a table. */
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
  /** One per level. */
  summaries: perLevel,
});

const exampleSchema = z.object({ text: z.string(), change: z.string(), place: z.string() });

/** What is known of a task's texts in the workspace. `measure` is on the button that measures them, where there is one. */
const workspaceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('unknown'), text: z.string() }),
  z.object({ kind: z.literal('none'), text: z.string(), measure: z.string() }),
  z.object({ kind: z.literal('running'), text: z.string(), progress: z.number().check(z.minimum(0), z.maximum(1)) }),
  z.object({
    kind: z.literal('measured'),
    text: z.string(),
    measure: z.string(),
    curve: curveSchema,
    /** One per level: what to beware of, if anything. */
    cautions: perLevel,
    /** By level: texts whose answer would differ. */
    examples: z.array(z.object({ heading: z.string(), shown: z.array(exampleSchema) })),
  }),
]);

/** What there is to say of one task. */
const taskSchema = z.object({
  id: z.string(),
  /** What its texts are. */
  title: z.string(),
  /** What the slider asks for. */
  question: z.string(),
  /** One per level. */
  promises: perLevel,
  /** The measured curve of the model package, or a note why there is none. */
  package: z.object({ curve: z.optional(curveSchema), note: z.string() }),
  workspace: workspaceSchema,
});

const viewSchema = z.object({
  levels: z.array(z.object({ share, label: z.string() })).check(z.minLength(1)),
  /** Index of the level in use. */
  inUse: z.int().check(z.nonnegative()),
  /** Where the level in use is set. */
  inUseText: z.string(),
  /** What came of applying a level, if one was. */
  applied: z.string(),
  /** Why the level has no effect, if so. */
  setAside: z.string(),
  canApplyToWorkspace: z.boolean(),
  tasks: z.array(taskSchema).check(z.minLength(1)),
});

const fromHostSchema = z.object({ kind: z.literal('view'), view: viewSchema });

const level = z.int().check(z.nonnegative());

/** Identifier of a task. */
const task = z.string();

const fromPageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('apply'), level, scope: z.enum(['user', 'workspace']) }),
  z.object({ kind: z.literal('measure'), task }),
  z.object({ kind: z.literal('cancel'), task }),
  z.object({ kind: z.literal('open'), task, level, example: z.int().check(z.nonnegative()) }),
  z.object({ kind: z.literal('settings') }),
]);

export type Curve = z.infer<typeof curveSchema>;
export type Example = z.infer<typeof exampleSchema>;
export type TaskView = z.infer<typeof taskSchema>;
export type WorkspaceView = z.infer<typeof workspaceSchema>;

/** All that the page shows, in words: it neither reckons nor translates. */
export type TuneView = z.infer<typeof viewSchema>;

/** What the extension tells the page. */
export type FromHost = z.infer<typeof fromHostSchema>;

/** What the page asks of the extension. */
export type FromPage = z.infer<typeof fromPageSchema>;

/** A message of the extension, or nothing where it is none. */
export function readFromHost(message: unknown): FromHost | undefined {
  return fromHostSchema.safeParse(message).data;
}

/** A message of the page, or nothing where it is none: whatever runs in a page may send anything. */
export function readFromPage(message: unknown): FromPage | undefined {
  return fromPageSchema.safeParse(message).data;
}
