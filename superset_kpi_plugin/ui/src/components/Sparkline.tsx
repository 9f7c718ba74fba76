/** The last actuals as a line; a period without data is a break, never zero. */
import { toNumber } from "../data/decimal";

interface Props {
  values: readonly (string | null)[];
  label: string;
  width?: number;
  height?: number;
}

const EDGE = 3;

/** The unbroken pieces of the line, as points of the drawing. */
export function segments(
  values: readonly (string | null)[],
  width: number,
  height: number,
): [number, number][][] {
  const numbers = values.map(toNumber);
  const known = numbers.filter((one): one is number => one !== null);
  if (known.length === 0) return [];
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const step = (width - 2 * EDGE) / Math.max(1, values.length - 1);
  const pieces: [number, number][][] = [];
  let piece: [number, number][] = [];
  numbers.forEach((number, at) => {
    if (number === null) {
      piece = [];
      return;
    }
    if (piece.length === 0) pieces.push(piece);
    const share = span === 0 ? 0.5 : (number - low) / span;
    piece.push([EDGE + at * step, height - EDGE - share * (height - 2 * EDGE)]);
  });
  return pieces;
}

export function Sparkline({ values, label, width = 84, height = 26 }: Props) {
  const pieces = segments(values, width, height);
  const end = pieces.at(-1)?.at(-1);
  if (!end) return <span className="kp-muted">—</span>;
  return (
    <svg className="kp-spark" width={width} height={height} role="img" aria-label={label}>
      <title>{label}</title>
      {pieces.map((piece) => (
        <polyline key={piece[0]?.[0]} points={piece.map((point) => point.join(",")).join(" ")} />
      ))}
      <circle cx={end[0]} cy={end[1]} r={2.2} />
    </svg>
  );
}
