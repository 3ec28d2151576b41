/** One step of a waterfall: a bar from one level to another. `total` bars stand on zero. */
export interface WaterfallStep {
  label: string;
  value: number;
  total: boolean;
  /** A cost: shown as what was paid, above zero, though it leads down. */
  cost: boolean;
  /** Edges in percent of the scale, low first. */
  from: number;
  to: number;
}

export interface WaterfallInput {
  label: string;
  value: number;
  total?: boolean;
  cost?: boolean;
}

/** Steps laid end to end on one scale from the lowest to the highest level (zero within); `zero` is where it stands. */
export function waterfall(inputs: readonly WaterfallInput[]): { steps: WaterfallStep[]; zero: number } {
  let level = 0;
  const edges = inputs.map(({ value, total }) => {
    const start = total ? 0 : level;
    level = start + value;
    return [start, level] as const;
  });
  const low = Math.min(0, ...edges.flat());
  const high = Math.max(0, ...edges.flat());
  const scale = (value: number): number => ((value - low) / (high - low || 1)) * 100;
  return {
    steps: inputs.map(({ label, value, total = false, cost = false }, index) => {
      const [a = 0, b = 0] = edges[index] ?? [];
      return { label, value, total, cost, from: scale(Math.min(a, b)), to: scale(Math.max(a, b)) };
    }),
    zero: scale(0),
  };
}
