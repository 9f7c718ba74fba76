/** A cell's small picture: the forecast's band (p20 to p80), its middle, last year's actual and the target. */
import { toNumber } from "../../data/decimal";
import type { CellFacts } from "../../data/types";

const WIDTH = 46;
const HEIGHT = 12;
const EDGE = 2;

export function ForecastBand({ facts, target }: { facts: CellFacts; target: string | null }) {
  const [p20, p50, p80] = [toNumber(facts.p20), toNumber(facts.p50), toNumber(facts.p80)];
  const last = toNumber(facts.last_year);
  const goal = toNumber(target);
  const all = [p20, p50, p80, last, goal].filter((one): one is number => one !== null);
  if (all.length < 2) return <span />;
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  const x = (value: number) => EDGE + ((value - low) / span) * (WIDTH - 2 * EDGE);
  return (
    <svg className="kp-band" width={WIDTH} height={HEIGHT} aria-hidden="true">
      {p20 !== null && p80 !== null ? (
        <rect
          className="kp-band__range"
          x={x(p20)}
          y={3}
          width={Math.max(1, x(p80) - x(p20))}
          height={6}
          rx={2}
        />
      ) : null}
      {p50 !== null ? <line className="kp-band__middle" x1={x(p50)} x2={x(p50)} y1={3} y2={9} /> : null}
      {last !== null ? <circle className="kp-band__last" cx={x(last)} cy={6} r={2} /> : null}
      {goal !== null ? <line className="kp-band__goal" x1={x(goal)} x2={x(goal)} y1={0} y2={HEIGHT} /> : null}
    </svg>
  );
}
