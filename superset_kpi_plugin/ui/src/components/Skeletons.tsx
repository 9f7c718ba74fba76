/** Quiet placeholders with the shape of what is coming. */
import { Skeleton } from "antd";

const ROWS = ["a", "b", "c", "d", "e", "f", "g", "h"];

export function GridSkeleton({ label }: { label: string }) {
  return (
    <div className="kp-skeleton" role="status" aria-label={label} data-testid="state-loading">
      {ROWS.map((row) => (
        <Skeleton key={row} active title={false} paragraph={{ rows: 1, width: "100%" }} />
      ))}
    </div>
  );
}
